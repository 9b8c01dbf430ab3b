import type { Lsn, SourceEvent } from '../source/postgres/index.ts';

/** What was applied of one peer since the applier was opened. */
export interface AppliedOfPeer {
  /** Commit time, at the peer, of the last transaction that is committed here, in microseconds since 1970; absent: none yet. */
  readonly lastCommitTime: number | undefined;
  /** Transactions. */
  readonly applied: number;
  /** DDL of the peer that is being carried out, or that waits, in words; since when, in ms since 1970. Absent: none. */
  readonly ddl?: { readonly statement: string; readonly since: number } | undefined;
  /** What it waits for, in words; absent: nothing. */
  readonly waitsFor: string | undefined;
}

/** What the streams need of an applier. One is open at a time; when its own connection ends, another one is opened. */
export interface ApplierPort {
  /** How far the stream of this peer is applied here; 0: nothing yet. What is taken next is its stream from there. */
  progressOf(peer: number): Promise<Lsn>;
  /**
   * Events of one peer in the order of its stream; resolves when more may be given. Throws `OwnConnectionLost` when nothing can be applied
   * any more, `ReadAgain` when only this stream is to begin again; anything else is about this peer alone, and the next thing taken of it is the begin of a transaction.
   */
  take(peer: number, events: readonly SourceEvent[]): Promise<void>;
  /** Up to here everything of this peer is committed here. */
  committed(peer: number): Lsn;
  appliedOf(peer: number): AppliedOfPeer;
  /** How many conflicts were recorded on this node since it was opened. */
  readonly conflicts: number;
  /** What keeps rows that wait for their place from being put back or removed, in words; absent: nothing. */
  readonly stuck: string | undefined;
  /** Finishes what is in hand. */
  close(): Promise<void>;
}

/** The stream has to be read again from where it is applied; nothing is wrong with it. */
export class ReadAgain extends Error {
  override readonly name = 'ReadAgain';
}

/** The session with the own primary is over; everything is opened again. */
export class OwnConnectionLost extends Error {
  override readonly name = 'OwnConnectionLost';
}
