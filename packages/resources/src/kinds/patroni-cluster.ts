import { z } from 'zod';
import { canonicalJson } from '../engine/hash.ts';
import { defineResource } from './define.ts';

const spec = z.strictObject({
  scope: z.string(),
  parameters: z.record(z.string(), z.string()),
  pgHba: z.array(z.string()),
  pgIdent: z.array(z.string()),
});
type Spec = z.output<typeof spec>;

/** Timing of Patroni's leader lease, in seconds: its own defaults, below which a loaded machine loses leases. */
const LEASE = { ttl: 30, loop_wait: 10, retry_timeout: 10 } as const;

/** What Patroni keeps in etcd for one node: the settings of its members. Written before the first member starts. */
export const patroniCluster = defineResource({
  kind: 'patroni.cluster',
  version: 1,
  spec,
  status: z.strictObject({ scope: z.string() }),
  immutable: ['scope'],
  id: (s) => s.scope,
  executor: () => ({ on: 'any' }),

  async refresh(prior, { clients }) {
    const found = await clients.dcs.config(prior.spec.scope);
    if (!found) return undefined;
    return { status: { scope: prior.spec.scope }, drift: differences(found, toConfig(prior.spec)) };
  },
  async create(s, { clients }) {
    const wanted = toConfig(s);
    const found = await clients.dcs.config(s.scope);
    if (canonicalJson(found) !== canonicalJson(wanted)) await clients.dcs.putConfig(s.scope, wanted);
    return { scope: s.scope };
  },
  async update(s, _prior, { clients }) {
    await clients.dcs.putConfig(s.scope, toConfig(s));
    return { scope: s.scope };
  },
  delete: (prior, { clients }) => clients.dcs.removeScope(prior.spec.scope),
});

export function toConfig(s: Spec): Record<string, unknown> {
  const { parameters, pgHba, pgIdent } = s;
  return {
    ...LEASE,
    failsafe_mode: true,
    postgresql: { use_pg_rewind: true, parameters, pg_hba: pgHba, pg_ident: pgIdent },
  };
}

function differences(found: Record<string, unknown>, wanted: Record<string, unknown>): string[] {
  const a = flatten(found);
  const b = flatten(wanted);
  return [...new Set([...a.keys(), ...b.keys()])].filter((k) => a.get(k) !== b.get(k)).sort();
}

function flatten(config: Record<string, unknown>): Map<string, string> {
  const flat = new Map<string, string>();
  const postgresql = (config['postgresql'] ?? {}) as Record<string, unknown>;
  const parameters = (postgresql['parameters'] ?? {}) as Record<string, unknown>;
  for (const [k, v] of Object.entries(parameters)) flat.set(`parameters.${k}`, canonicalJson(v));
  for (const [k, v] of Object.entries(postgresql)) if (k !== 'parameters') flat.set(k, canonicalJson(v));
  for (const [k, v] of Object.entries(config)) if (k !== 'postgresql') flat.set(k, canonicalJson(v));
  return flat;
}
