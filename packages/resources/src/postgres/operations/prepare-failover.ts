import type { Clients, ClusterMember } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { candidates } from '../inside/hand-over.ts';
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
}

export interface FailoverPlan {
  readonly candidate: string;
  /** What may be lost, in bytes of the write-ahead log; absent when nobody can say. */
  readonly lagBytes?: number;
}

/** Chooses who takes over from a primary that need not be alive, as a surviving member sees the node. */
export async function prepareFailover(clients: Clients, wish: FailoverWish): Promise<FailoverPlan> {
  const address = await memberAddress(clients, wish.instanceId);
  const [members, config] = await Promise.all([clients.patroni.cluster(address), clients.dcs.config(wish.scope)]);
  const able = candidates(members, (name) => name !== wish.leader);
  const found = wish.candidate === undefined ? able[0] : able.find((m) => m.name === wish.candidate);
  if (!found) throw new DomainError('operation_refused', nobody(wish));
  if (!wish.skipValidation) refuseLoss(found, config?.['synchronous_mode'] === true);
  return { candidate: found.name, ...(Number.isFinite(found.lagBytes) && { lagBytes: found.lagBytes }) };
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
