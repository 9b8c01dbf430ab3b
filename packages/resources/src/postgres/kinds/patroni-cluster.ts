import { z } from 'zod';
import { canonicalJson } from '../../engine/hash.ts';
import { defineResource } from './define.ts';

const spec = z.strictObject({
  scope: z.string(),
  parameters: z.record(z.string(), z.string()),
  pgHba: z.array(z.string()),
  pgIdent: z.array(z.string()),
  /** The node has more than one member: one of them may have to take over. */
  replicated: z.boolean(),
  /** Standbys that must have a commit before it is acknowledged; 0: none, replication is asynchronous. */
  synchronousStandbys: z.int().min(0),
});
type Spec = z.output<typeof spec>;

/**
 * Timing of Patroni's leader lease, in seconds. Alone, a member has nobody to take over from it: Patroni's own defaults.
 * With replicas, 20 s is the shortest lease Patroni accepts, and loop_wait + 2 x retry_timeout must fit into it.
 */
const LEASE_ALONE = { ttl: 30, loop_wait: 10, retry_timeout: 10 } as const;
const LEASE_REPLICATED = { ttl: 20, loop_wait: 5, retry_timeout: 7 } as const;

/**
 * Patroni drops every slot it does not know when Postgres starts. Those of its members it makes and drops nevertheless, but for
 * one of a member that has gone: see `MemberSlots` of the worker.
 */
const NOT_PATRONIS = [{ type: 'logical' }, { type: 'physical' }] as const;

/** What Patroni keeps in etcd for one node: the settings of its members. Written before the first member starts. */
export const patroniCluster = defineResource({
  kind: 'patroni.cluster',
  version: 2,
  // There were no replicas.
  migrations: [({ spec, status }) => ({ spec: { ...spec, replicated: false, synchronousStandbys: 0 }, status })],
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
    ...(s.replicated ? LEASE_REPLICATED : LEASE_ALONE),
    failsafe_mode: true,
    ignore_slots: NOT_PATRONIS,
    ...(s.synchronousStandbys > 0 && { synchronous_mode: true, synchronous_node_count: s.synchronousStandbys }),
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
