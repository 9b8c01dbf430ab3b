import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients, ClusterMember } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { DomainError } from '../../errors/index.ts';
import { ABLE_WITHIN_MS, candidates } from '../inside/hand-over.ts';
import { slotsMissing } from '../inside/peer-slots.ts';
import { memberAddress } from './member-address.ts';

/** What a member may lack and still take over unasked: Patroni's own limit. */
const MAX_LAG_BYTES = 2 ** 20;

export interface FailoverWish {
  readonly scope: string;
  /** The member that is asked, on this host. */
  readonly instanceId: string;
  /** Who held the leader's lock when it was last seen. */
  readonly leader?: string | undefined;
  readonly candidate?: string | undefined;
  /** Also to a member that may lack writes. */
  readonly skipValidation: boolean;
  /** Slots from which other nodes read, wherever this node's primary is. */
  readonly peerSlots?: readonly string[] | undefined;
  /** How long a replica is waited for that Patroni knows and does not call running yet. */
  readonly withinMs?: number;
}

export interface FailoverPlan {
  readonly candidate: string;
  /** What may be lost, in bytes of the write-ahead log; absent when nobody can say. */
  readonly lagBytes?: number;
  /** Slots of other nodes that the candidate does not have: those nodes lose their place in the log. Absent: it has all. */
  readonly slotsMissing?: readonly string[];
}

/** Chooses who takes over from a primary that need not be alive, as a surviving member sees the node. */
export async function prepareFailover(
  clients: Clients,
  wish: FailoverWish,
  { signal }: Pick<Run, 'signal'>,
): Promise<FailoverPlan> {
  const [found, config] = await Promise.all([whoRuns(clients, wish, signal), clients.dcs.config(wish.scope)]);
  if (!found) throw new DomainError('operation_refused', nobody(wish));
  if (!wish.skipValidation) refuseLoss(found, config?.['synchronous_mode'] === true);
  const through = wish.instanceId;
  const missing = await slotsMissing(clients, { through, host: found.host }, wish.peerSlots ?? [], signal);
  if (!wish.skipValidation) refuseMissing(found.name, missing);
  return {
    candidate: found.name,
    ...(Number.isFinite(found.lagBytes) && { lagBytes: found.lagBytes }),
    ...(missing.length > 0 && { slotsMissing: missing }),
  };
}

/** The best of those that run. Patroni says so of one that was just started at its next turn only. */
async function whoRuns(
  clients: Clients,
  { instanceId, leader, candidate, withinMs = ABLE_WITHIN_MS }: FailoverWish,
  signal: AbortSignal,
): Promise<ClusterMember | undefined> {
  const address = await memberAddress(clients, instanceId);
  const among = (name: string): boolean => name !== leader && [undefined, name].includes(candidate);
  for (const until = performance.now() + withinMs; ;) {
    const members = await clients.patroni.cluster(address);
    const [best] = candidates(members, among);
    const comes = members.some((m) => m.role !== 'leader' && among(m.name));
    if (best !== undefined || !comes || performance.now() > until) return best;
    await sleep(100, undefined, { signal });
  }
}

function refuseMissing(name: string, missing: readonly string[]): void {
  if (missing.length === 0) return;
  const which = `'${name}' does not have ${missing.join(', ')}, from which other nodes read`;
  throw new DomainError(
    'operation_refused',
    `${which}: they would have to be made anew; refuse failover unless skip_validation is true`,
  );
}

const nobody = ({ scope, candidate }: FailoverWish): string =>
  candidate === undefined ? `no replica of '${scope}' runs` : `'${candidate}' is no replica that runs`;

function refuseLoss({ name, role, lagBytes }: ClusterMember, synchronous: boolean): void {
  if (synchronous && role === 'replica')
    throw new DomainError('operation_refused', `'${name}' is no synchronous standby: writes could be lost`);
  if (lagBytes <= MAX_LAG_BYTES) return;
  const lack = Number.isFinite(lagBytes)
    ? `lacks ${String(lagBytes)} bytes`
    : 'may lack writes, nobody can say how many';
  throw new DomainError('operation_refused', `'${name}' ${lack}; refuse failover unless skip_validation is true`);
}
