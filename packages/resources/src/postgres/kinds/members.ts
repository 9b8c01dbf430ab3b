import { setTimeout as sleep } from 'node:timers/promises';
import { z } from 'zod';
import type { ClusterMember, Clients } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { defineResource } from './define.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { handOver, runs } from '../inside/hand-over.ts';
import { leftBehind } from '../inside/left-behind.ts';
import { primaryAddress } from '../inside/with-primary.ts';

const READY_WITHIN_MS = 120_000;

const spec = z.strictObject({
  nodeName: z.string(),
  scope: z.string(),
  /** Instance ids, sorted. */
  members: z.array(z.string()),
  /** Standbys that must have a commit before it is acknowledged. */
  synchronousStandbys: z.int().min(0),
});
type Spec = z.output<typeof spec>;

/**
 * The members of a node as a whole: one of those declared is the primary, every other one streams from it, and where
 * replication is synchronous as many standbys as asked for are named. Before this a node is not highly available.
 * A primary that is no longer declared hands over first: its service is removed only after this step.
 */
export const members = defineResource({
  kind: 'patroni.members',
  version: 1,
  spec,
  status: z.strictObject({ members: z.array(z.string()) }),
  id: (s) => s.scope,
  executor: (s) => ({ on: 'primary', node: s.nodeName }),
  within: (s) => patroniCluster.ref(s.scope),

  /** A member that is away is a condition of the database, told by its status; waiting for it would hold up every update. */
  async refresh(prior, { clients, signal }) {
    const seen = { status: prior.status ?? { members: prior.spec.members }, drift: [] };
    return prior.spec.members.length < 2 ? seen : { ...seen, notes: await costOfMoving(prior.spec, clients, signal) };
  },
  create: (s, context) => gather(s, context, s.members),
  /** What is new proved itself in a step of its own; what is away must not hold up the others. */
  update: async (s, _prior, context) => gather(s, context, await present(s, context)),
  delete: () => Promise.resolve(),
});

/** Of a node that has no primary nothing can be said. */
async function costOfMoving({ scope }: Spec, clients: Clients, signal: AbortSignal): Promise<string[]> {
  try {
    const [instanceId = '', address] = [await clients.dcs.leader(scope), await primaryAddress(clients, scope)];
    return await leftBehind(clients, { scope, instanceId, address }, signal);
  } catch (err) {
    if (signal.aborted) throw err;
    return [];
  }
}

async function present(s: Spec, { clients }: Context<Clients>): Promise<string[]> {
  const found = await clients.patroni.cluster(await primaryAddress(clients, s.scope));
  return s.members.filter((name) => found.some((m) => m.name === name && runs(m)));
}

async function gather(s: Spec, context: Context<Clients>, expected: readonly string[]): Promise<{ members: string[] }> {
  const { clients } = context;
  const limit = AbortSignal.timeout(READY_WITHIN_MS);
  const signal = AbortSignal.any([context.signal, limit]);
  let missing = expected;
  try {
    for (;;) {
      const address = await primaryAddress(clients, s.scope);
      const found = await clients.patroni.cluster(address);
      missing = notReady(s, expected, found);
      if (missing.length === 0 && expected.length > 1) missing = await barred(expected, clients.dcs, s.scope);
      if (missing.length === 0) {
        const leader = found.find((m) => m.role === 'leader');
        if (leader && s.members.includes(leader.name)) return { members: s.members };
        const leaving = { instanceId: leader?.name ?? '', scope: s.scope };
        if (!(await handOver(leaving, { ...context, signal }, (name) => s.members.includes(name))))
          throw new DomainError('no_primary', `no member of '${s.scope}' can take over`);
      } else {
        context.progress(`waiting for ${missing.join(', ')}`);
        await clients.patroni.wake(address);
      }
      await sleep(100, undefined, { signal });
    }
  } catch (err) {
    if (!limit.aborted || context.signal.aborted) throw err;
    throw new DomainError('instance_not_ready', `'${s.scope}': ${missing.join(', ')} did not become ready in time`);
  }
}

/** Who must not take over yet. Where the leader has written nobody, anybody may. */
async function barred(expected: readonly string[], dcs: Clients['dcs'], scope: string): Promise<string[]> {
  const allowed = await dcs.failsafeMembers(scope);
  return allowed.length === 0 ? [] : expected.filter((name) => !allowed.includes(name));
}

/** What is still missing, in words; the leader counts when it runs. */
function notReady(s: Spec, expected: readonly string[], found: readonly ClusterMember[]): string[] {
  const away = expected.filter((name) => !found.some((m) => m.name === name && runs(m)));
  if (away.length > 0) return away;
  const named = found.filter((m) => m.role === 'sync_standby').length;
  const wanted = Math.min(s.synchronousStandbys, expected.length - 1);
  return named < wanted ? [`${String(wanted - named)} synchronous standby`] : [];
}
