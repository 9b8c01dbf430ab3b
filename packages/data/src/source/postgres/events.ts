import type { Lsn } from './lsn.ts';
import type { OldTuple, TupleData, Xid } from './messages.ts';
import type { Relation } from './relations.ts';
import type { Timestamp } from './timestamp.ts';

/** Where a transaction was done first, when it was itself replicated. */
export interface Origin {
  readonly name: string;
  /** Where it was committed there. */
  readonly lsn: Lsn;
}

/** A transaction begins. All of it follows, then its commit: nothing of another one comes in between. */
export interface BeginEvent {
  readonly kind: 'begin';
  readonly xid: Xid;
  readonly commitLsn: Lsn;
  readonly commitTime: Timestamp;
  /** Whether it was received before its commit. */
  readonly streamed: boolean;
  readonly origin?: Origin;
}

export interface InsertEvent {
  readonly kind: 'insert';
  readonly relation: Relation;
  readonly newTuple: TupleData;
}

export interface UpdateEvent {
  readonly kind: 'update';
  readonly relation: Relation;
  /** Absent when the replica identity did not change and is not full. */
  readonly old?: OldTuple;
  readonly newTuple: TupleData;
}

export interface DeleteEvent {
  readonly kind: 'delete';
  readonly relation: Relation;
  readonly old: OldTuple;
}

export interface TruncateEvent {
  readonly kind: 'truncate';
  /** All that are emptied at once, those that CASCADE found included as far as they are published. */
  readonly relations: readonly Relation[];
  readonly cascade: boolean;
  readonly restartIdentity: boolean;
}

/** What `pg_logical_emit_message` wrote: inside its transaction, or at once and outside of any. */
export interface MessageEvent {
  readonly kind: 'message';
  readonly transactional: boolean;
  readonly lsn: Lsn;
  readonly prefix: string;
  readonly content: Buffer;
}

export interface CommitEvent {
  readonly kind: 'commit';
  readonly xid: Xid;
  readonly commitLsn: Lsn;
  readonly endLsn: Lsn;
  readonly commitTime: Timestamp;
}

/** A transaction that ends with `prepare` instead of `commit`: whether it is committed is said later, by its `gid`. */
export interface BeginPrepareEvent {
  readonly kind: 'beginPrepare';
  readonly xid: Xid;
  readonly gid: string;
  readonly prepareLsn: Lsn;
  readonly prepareTime: Timestamp;
  readonly streamed: boolean;
  readonly origin?: Origin;
}

export interface PrepareEvent {
  readonly kind: 'prepare';
  readonly xid: Xid;
  readonly gid: string;
  readonly prepareLsn: Lsn;
  readonly endLsn: Lsn;
  readonly prepareTime: Timestamp;
}

export interface CommitPreparedEvent {
  readonly kind: 'commitPrepared';
  readonly xid: Xid;
  readonly gid: string;
  readonly commitLsn: Lsn;
  readonly endLsn: Lsn;
  readonly commitTime: Timestamp;
}

export interface RollbackPreparedEvent {
  readonly kind: 'rollbackPrepared';
  readonly xid: Xid;
  readonly gid: string;
  readonly prepareEndLsn: Lsn;
  readonly endLsn: Lsn;
  readonly prepareTime: Timestamp;
  readonly rollbackTime: Timestamp;
}

/** What can stand between the begin and the end of a transaction. */
export type ChangeEvent = InsertEvent | UpdateEvent | DeleteEvent | TruncateEvent | MessageEvent;

/** What a consumer gets, in the order of commits. */
export type SourceEvent =
  | BeginEvent
  | ChangeEvent
  | CommitEvent
  | BeginPrepareEvent
  | PrepareEvent
  | CommitPreparedEvent
  | RollbackPreparedEvent;

/** What to confirm so that this event, and all before it, is never sent again; nothing inside a transaction. */
export function positionOf(event: SourceEvent): Lsn | undefined {
  if ('endLsn' in event) return event.endLsn;
  return event.kind === 'message' && !event.transactional ? event.lsn + 1n : undefined;
}
