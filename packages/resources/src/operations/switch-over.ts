import type { Clients } from '../clients/ports.ts';
import type { Run } from '../engine/apply.ts';
import { DomainError } from '../errors/index.ts';
import { memberAddress } from './member-address.ts';
import { untilLeader } from './until-leader.ts';

/** Patroni gives up much earlier; this is for one that says nothing. */
const WITHIN_MS = 60_000;

export interface Handover {
  readonly scope: string;
  readonly leader: string;
  readonly candidate: string;
}

/**
 * Asks Patroni for an orderly change and watches the leader's key, which tells a second earlier than Patroni's answer.
 * Runs on the host of the primary; when it is run again it finds what the first run did.
 */
export async function switchOver(clients: Clients, { scope, leader, candidate }: Handover, run: Run): Promise<void> {
  const now = await clients.dcs.leader(scope);
  if (now === candidate) return;
  if (now !== leader)
    throw new DomainError('operation_refused', `the primary of '${scope}' is ${now ? `'${now}'` : 'nobody'} now`);
  const address = await memberAddress(clients, leader);
  run.progress(`'${leader}' hands over to '${candidate}'`);
  const request = (signal: AbortSignal) => clients.patroni.switchover(address, { leader, candidate }, signal);
  const successor = await untilLeader(clients, { scope, except: leader, withinMs: WITHIN_MS }, run.signal, request);
  if (successor !== candidate)
    throw new DomainError('operation_refused', `'${successor}' took over instead of '${candidate}'`);
}
