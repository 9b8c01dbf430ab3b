import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients, ClusterMember } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { DomainError, domainErrorOf } from '../../errors/index.ts';
import { leftBehind } from './left-behind.ts';
import { withPeerSlots } from './peer-slots.ts';
import { receiving } from './receiving.ts';
import { serviceOf } from './with-primary.ts';

const WITHIN_MS = 90_000;
/** A replica that was restarted, or whose primary was, receives again within a second; Patroni names it at its next turn, at the latest. */
export const ABLE_WITHIN_MS = 12_000;

/** A member that could take over right now, the best one first. */
export function candidates(found: readonly ClusterMember[], among: (name: string) => boolean): ClusterMember[] {
  return found
    .filter((m) => m.role !== 'leader' && among(m.name) && runs(m))
    .sort((a, b) => Number(b.role === 'sync_standby') - Number(a.role === 'sync_standby') || a.lagBytes - b.lagBytes);
}

/** Patroni 3 says `running` of a replica that streams, Patroni 4 `streaming`. */
export const runs = (m: ClusterMember): boolean => m.state === 'running' || m.state === 'streaming';

/** Patroni's words for a replica that is on its way: it starts, or replays the archive before it streams. */
const comes = (m: ClusterMember): boolean => m.state === 'starting' || m.state === 'in archive recovery';

/** A node as one of its members on this host sees it. */
export interface Seen {
  readonly scope: string;
  readonly leader: string;
  readonly address: string;
  /** The only one that may; Patroni refuses it when it lacks commits. */
  readonly candidate?: string | undefined;
  /** How long somebody who is not able yet is waited for. */
  readonly withinMs?: number;
}

/**
 * Who could take over without a loss, the best one first: the primary itself says that they receive its WAL, and how far
 * they are. With synchronous replication only those that have every commit, or the candidate. The candidate, and whoever
 * runs or is about to and will be able in a moment, is waited for.
 */
export async function successors(
  clients: Pick<Clients, 'dcs' | 'patroni' | 'postgres'>,
  { scope, leader, address, candidate, withinMs = ABLE_WITHIN_MS }: Seen,
  signal: AbortSignal,
  among: (name: string) => boolean = (name) => (candidate === undefined ? name !== leader : name === candidate),
): Promise<ClusterMember[]> {
  const mustBeNamed = candidate === undefined && (await clients.dcs.config(scope))?.['synchronous_mode'] === true;
  const until = performance.now() + withinMs;
  for (;;) {
    const members = await clients.patroni.cluster(address);
    const run = candidates(members, among);
    const isHope = run.length > 0 || members.some((m) => m.role !== 'leader' && among(m.name) && comes(m));
    const named = mustBeNamed ? await clients.dcs.synchronousStandbys(scope) : run.map((m) => m.name);
    const found = (await thatReceive(clients, run, address, signal)).filter((m) => named.includes(m.name));
    if (found.length > 0 || (!isHope && candidate === undefined)) return found;
    if (performance.now() > until && !mustBeNamed) return [];
    if (performance.now() > until)
      throw new DomainError('instance_not_ready', `no replica of '${scope}' is named a synchronous standby`);
    await sleep(100, undefined, { signal });
  }
}

/** Of some members those that receive the WAL of the primary at this address, with what they lack. */
export async function thatReceive(
  clients: Pick<Clients, 'postgres'>,
  members: readonly ClusterMember[],
  address: string,
  signal: AbortSignal,
): Promise<ClusterMember[]> {
  if (members.length === 0) return [];
  const lags = await receiving(clients, address, signal);
  return members.flatMap((m) => {
    const lagBytes = lags.get(m.name);
    return lagBytes === undefined ? [] : [{ ...m, lagBytes }];
  });
}

/** Has a primary write everything to its data files while it still takes writes: its orderly stop then has little left to do. */
export const checkpoint = async (
  { postgres }: Pick<Clients, 'postgres'>,
  address: string,
  signal: AbortSignal,
): Promise<void> =>
  void (await postgres.session({ address, database: 'postgres', signal }, (session) => session.query('CHECKPOINT')));

/**
 * Before an instance is interrupted or leaves: when it is the primary and another member, one of `among`, can take over,
 * that one does. False where nobody can, or it is no primary: then it is interrupted as it is.
 */
export async function handOver(
  { instanceId, scope: name }: { readonly instanceId: string; readonly scope: string },
  context: Context<Clients>,
  among?: (name: string) => boolean,
): Promise<boolean> {
  const { dcs, docker, patroni } = context.clients;
  if ((await dcs.leader(name)) !== instanceId) return false;
  const container = await docker.serviceContainer(serviceOf(instanceId));
  if (container?.state !== 'running') return false;
  const { address } = container;
  const signal = AbortSignal.any([context.signal, AbortSignal.timeout(WITHIN_MS)]);
  const seen = { scope: name, leader: instanceId, address };
  const able = await successors(context.clients, seen, signal, among).catch(noneIfSilent);
  const [candidate] = await withPeerSlots(context.clients, seen, able, { ...context, signal }).catch(noneIfUnready);
  if (!candidate) return false;
  context.progress(`handing over from '${instanceId}' to '${candidate.name}'`);
  const behind = await leftBehind(context.clients, { scope: name, instanceId, address }, signal);
  await checkpoint(context.clients, address, signal);
  await patroni.switchover(address, { leader: instanceId, candidate: candidate.name }, signal);
  while ((await dcs.leader(name)) === instanceId) await sleep(50, undefined, { signal });
  for (const sentence of behind) await context.tell(sentence);
  return true;
}

/** Better interrupted as it is than other nodes without their slots. */
function noneIfUnready(err: unknown): ClusterMember[] {
  if (domainErrorOf(err)?.code === 'operation_refused') return [];
  throw err;
}

/** A Patroni that does not answer names nobody. */
function noneIfSilent(err: unknown): ClusterMember[] {
  if (domainErrorOf(err)?.code === 'patroni_unavailable') return [];
  throw err;
}
