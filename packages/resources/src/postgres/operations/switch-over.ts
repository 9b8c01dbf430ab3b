import type { Clients } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { DomainError } from '../../errors/index.ts';
import { memberAddress } from './member-address.ts';
import { untilLeader } from './until-leader.ts';

/** Patroni gives up much earlier; this is for one that says nothing. */
const WITHIN_MS = 60_000;

export interface Handover {
  readonly scope: string;
  readonly leader: string;
  readonly candidate: string;
  /** Also when it is not named as a synchronous standby: it must stream. */
  readonly nobodyElse?: true;
}

/**
 * Asks Patroni for an orderly change and watches the leader's key, which tells a second earlier than Patroni's answer.
 * Runs on the host of the primary; when it is run again it finds what the first run did.
 */
export async function switchOver(clients: Clients, handover: Handover, run: Run): Promise<void> {
  const { scope, leader, candidate } = handover;
  const now = await clients.dcs.leader(scope);
  if (now === candidate) return;
  if (now !== leader)
    throw new DomainError('operation_refused', `the primary of '${scope}' is ${now ? `'${now}'` : 'nobody'} now`);
  const address = await memberAddress(clients, leader);
  run.progress(`'${leader}' hands over to '${candidate}'`);
  const unnamed = await isUnnamed(clients, handover);
  const request = (signal: AbortSignal): Promise<void> =>
    unnamed
      ? clients.patroni.failover(address, { candidate }, signal)
      : clients.patroni.switchover(address, { leader, candidate }, signal);
  const successor = await untilLeader(clients, { scope, except: leader, withinMs: WITHIN_MS }, run.signal, request);
  if (successor !== candidate)
    throw new DomainError('operation_refused', `'${successor}' took over instead of '${candidate}'`);
}

/** Patroni refuses to switch over to such a member. Told to fail over to it, a primary that lives stops in an orderly way, too. */
async function isUnnamed({ dcs }: Pick<Clients, 'dcs'>, { scope, candidate, nobodyElse }: Handover): Promise<boolean> {
  if (!nobodyElse || (await dcs.config(scope))?.['synchronous_mode'] !== true) return false;
  return !(await dcs.synchronousStandbys(scope)).includes(candidate);
}
