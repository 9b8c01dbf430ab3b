import type pg from 'pg';

export interface ApplierOptions {
  /** The number of this node. */
  readonly me: number;
  /** The numbers of the others. */
  readonly peers: readonly number[];
  /** How the own primary is reached, by a role that may set `session_replication_role` and use replication origins. */
  readonly own: pg.ClientConfig;
  /** A plain session at the primary of a peer, for rows it did not send whole. It is the caller's: kept open and closed by it. */
  readonly ask: (peer: number) => Promise<pg.ClientBase>;
  /** Ends its sessions at once, whatever they are doing. */
  readonly signal?: AbortSignal;
}

/** Why the stream of a peer stopped. */
export interface Stopped {
  /** Schema and name, where it is about one table. */
  readonly table: string | undefined;
  /** What happened and what to do, in words. */
  readonly error: string;
}

export interface PeerState {
  /** Microseconds since 1970: commit time, on the peer, of what was applied last. */
  appliedTime: number | undefined;
  /** It waits until this node's clock is past a commit time. */
  waitingForClock: boolean;
  /** Transactions that are applied. */
  applied: number;
  /** Rows that were not written because something newer is here. */
  rejected: number;
  /** Transactions that were tried again after an error that goes away by itself. */
  repeated: number;
  /** The DDL that is being carried out, or that waits for locks or for what other nodes did before; since when, in ms since 1970. */
  ddl: { readonly statement: string; readonly since: number } | undefined;
  /** Until it has been solved; it is tried again with each new stream. */
  stopped: Stopped | undefined;
}

export interface ApplierState {
  readonly peers: ReadonlyMap<number, Readonly<PeerState>>;
  /** Conflicts that this node has recorded since it began. */
  readonly conflicts: number;
  /** What keeps parked rows from being put back or removed, in words; absent: nothing. */
  readonly stuck: string | undefined;
}
