import { DomainError } from '@windlass/error-table';
import { formatLsn, parseLsn, type Lsn } from '../source/postgres/index.ts';

/** What a peer's failover did to a position of ours. */
export interface Fork {
  /** Where the old timeline was left: what we applied beyond it, the peer has lost. */
  readonly at: Lsn;
  readonly timeline: number;
}

/** The peer has lost commits that are here, and writes others under their positions: progress must go back to where they part. */
export class PeerForked extends Error {
  override readonly name = 'PeerForked';
  readonly peer: number;
  readonly fork: Fork;

  constructor(peer: number, fork: Fork) {
    super(`a failover of the peer lost commits after ${formatLsn(fork.at)} that are applied here`);
    this.peer = peer;
    this.fork = fork;
  }
}

const LINE = /^(\d+)\t([0-9A-F]+\/[0-9A-F]+)\t/gim;

/**
 * Where a timeline was left for good, by the history file of a later one. Throws `slot_lost` when the later one does not come from it:
 * then it has another past, and no position of ours says anything about it.
 */
export function leftAt(history: string, timeline: number): Lsn {
  for (const [, number, lsn] of history.matchAll(LINE)) if (Number(number) === timeline && lsn) return parseLsn(lsn);
  throw new DomainError(
    'slot_lost',
    `the peer does not come from timeline ${String(timeline)} any more: it was restored`,
  );
}
