import { randomBytes } from 'node:crypto';
import { z } from 'zod';
import type { Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { defineResource } from './define.ts';

/** The system identifier of a node: chosen before its first member starts, so that all members can begin with equal data. */
export const identity = defineResource({
  kind: 'postgres.identity',
  version: 1,
  spec: z.strictObject({ scope: z.string() }),
  /** Unsigned 64-bit number in decimal, as `pg_control_system()` shows it. */
  status: z.strictObject({ systemIdentifier: z.string() }),
  immutable: ['scope'],
  id: (s) => s.scope,
  executor: () => ({ on: 'any' }),

  async refresh(prior, { clients, owner }) {
    const systemIdentifier = await clients.secrets.get(nameOf(owner.entity.id, prior.spec.scope));
    return systemIdentifier === undefined ? undefined : { status: { systemIdentifier }, drift: [] };
  },
  create: choose,
  update: (s, _prior, context) => choose(s, context),
  delete: (prior, { clients, owner }) => clients.secrets.remove(nameOf(owner.entity.id, prior.spec.scope)),
});

/** It is no secret, but kept like one: the first value stored counts, also when a step is repeated. */
const nameOf = (databaseId: string, scope: string): string => `database/${databaseId}/identity/${scope}`;

/** Data that is there already says what it is. */
async function choose(
  { scope: name }: { scope: string },
  { clients, owner }: Context<Clients>,
): Promise<{ systemIdentifier: string }> {
  const found = await clients.dcs.initialized(name);
  if (!found)
    return { systemIdentifier: await clients.secrets.getOrCreate(nameOf(owner.entity.id, name), newIdentifier) };
  await clients.secrets.put(nameOf(owner.entity.id, name), found);
  return { systemIdentifier: found };
}

/** As initdb does: seconds since 1970 in the upper half; the lower half is random instead of microseconds and a pid. */
function newIdentifier(): string {
  const seconds = BigInt(Math.floor(Date.now() / 1000));
  return String((seconds << 32n) | BigInt(randomBytes(4).readUInt32BE()));
}
