import type { Conditions } from './conditions.ts';
import type { Failure } from './failures.ts';
import type { Peer } from './peer.ts';
import type { ConditionType, PeerState } from './status.ts';
import type { Lsn } from '../source/postgres/index.ts';

/** What can be wrong with a peer's stream and is right when the stream runs. */
const OF_STREAM: readonly ConditionType[] = ['peer_unreachable', 'peer_refuses', 'must_be_rebuilt'];

/** What is known of one peer, also while nothing is open. */
export class PeerReport {
  readonly peer: Peer;
  readonly #conditions: Conditions;
  state: PeerState = 'connecting';
  waitsFor: string | undefined = 'the own primary';
  connects = 0;
  /** How far the peer's log is written. */
  writtenLsn: Lsn | undefined;
  clockOffsetMs: number | undefined;
  confirmedLsn: Lsn = 0n;
  /** Committed here, and on the disk and the synchronous standbys. */
  safeLsn: Lsn = 0n;
  /** The commit LSN of the last transaction up to there that wrote something: progress is not before it. */
  safeWrite: Lsn = 0n;
  /** Transactions that were applied with appliers that are closed. */
  appliedBefore = 0;
  stoppedAt: Lsn | undefined;

  constructor(peer: Peer, conditions: Conditions) {
    this.peer = peer;
    this.#conditions = conditions;
  }

  connecting(): void {
    if (this.state !== 'stopped' && this.state !== 'retrying') this.state = 'connecting';
  }

  streaming(): void {
    this.connects += 1;
    this.#conditions.clear(this.peer.number, ...OF_STREAM);
    if (!this.#conditions.has('apply_stopped', this.peer.number)) this.#runs();
  }

  /** Something was applied after the stream had begun. */
  applied(): void {
    if (this.stoppedAt === undefined && !this.#conditions.has('apply_stopped', this.peer.number)) return;
    this.stoppedAt = undefined;
    this.#conditions.clear(this.peer.number, 'apply_stopped');
    this.#runs();
  }

  failed(failure: Failure, stoppedAt: Lsn | undefined): void {
    const { condition, message, stops } = failure;
    this.state = stops ? 'stopped' : 'retrying';
    this.waitsFor = message;
    if (condition === 'apply_stopped') this.stoppedAt = stoppedAt;
    // Whoever refuses was reached.
    if (condition !== 'peer_unreachable') this.#conditions.clear(this.peer.number, 'peer_unreachable');
    this.#conditions.set(condition, message, this.peer.number);
  }

  /** The own primary is gone: nothing can be applied. */
  withoutOwn(): void {
    if (this.state === 'streaming') this.state = 'connecting';
    this.waitsFor ??= 'the own primary';
  }

  #runs(): void {
    this.state = 'streaming';
    this.waitsFor = undefined;
  }
}
