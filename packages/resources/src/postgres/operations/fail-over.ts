import type { Clients } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { DomainError } from '../../errors/index.ts';
import { memberAddress } from './member-address.ts';
import { untilLeader } from './until-leader.ts';

/** A dead primary's lock lasts 20 s (30 s where it was alone); then the candidate takes it. */
const WITHIN_MS = 60_000;

export interface Takeover {
  readonly scope: string;
  /** The member that is asked, on this host. */
  readonly instanceId: string;
  readonly leader?: string | undefined;
  readonly candidate: string;
  /** The candidate was asked for by name: nobody else will do. */
  readonly insist: boolean;
}

/**
 * Has a replica take over and returns who did. A primary that lives steps down for it; the lock of one that does not is
 * never taken away on suspicion: its lease decides. When it is run again it finds what the first run did.
 */
export async function failOver(clients: Clients, takeover: Takeover, run: Run): Promise<string> {
  const { scope, instanceId, leader, candidate } = takeover;
  const now = await clients.dcs.leader(scope);
  if (now !== undefined && now !== leader) return agreed(now, takeover);
  const address = await memberAddress(clients, instanceId);
  run.progress(`waiting for '${candidate}' to take over`);
  const request = (signal: AbortSignal) => clients.patroni.failover(address, { candidate }, signal);
  const successor = await untilLeader(clients, { scope, except: leader, withinMs: WITHIN_MS }, run.signal, request);
  return agreed(successor, takeover);
}

/** Patroni may have been faster than the request, with somebody else. */
function agreed(primary: string, { candidate, insist }: Takeover): string {
  if (primary === candidate || !insist) return primary;
  throw new DomainError('operation_refused', `'${primary}' took over meanwhile; use a switchover to '${candidate}'`);
}
