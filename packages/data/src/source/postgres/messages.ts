import type { Lsn } from './lsn.ts';
import type { Timestamp } from './timestamp.ts';

/** Stands for a large value that an update left alone: the server does not send it again. */
export const UNCHANGED: unique symbol = Symbol('unchanged TOAST value');

/**
 * A column of a row: SQL's NULL, a large value that was left alone, the text of the type's output function, or the bytes of its
 * send function.
 */
export type ColumnValue = null | typeof UNCHANGED | string | Buffer;

/** The columns of a row, in the order of its relation. */
export type TupleData = readonly ColumnValue[];

/** The identity of the row before: only its key (all other columns are null), or all of it (`REPLICA IDENTITY FULL`). */
export interface OldTuple {
  readonly kind: 'key' | 'full';
  readonly tuple: TupleData;
}

/** The number of a transaction, 32 bits: it is used again after some four thousand million transactions. */
export type Xid = number;
export type Oid = number;

/** Inside a stream block: the (sub)transaction that did it. Otherwise it is the one that began last. */
interface Streamable {
  readonly xid?: Xid;
}

export interface RelationColumn {
  readonly name: string;
  /** Whether it is part of the replica identity. */
  readonly isKey: boolean;
  readonly typeOid: Oid;
  /** As `pg_attribute.atttypmod`; -1 is none. */
  readonly typeModifier: number;
}

export type ReplicaIdentity = 'default' | 'nothing' | 'full' | 'index';

export interface RelationMessage extends Streamable {
  readonly tag: 'relation';
  readonly oid: Oid;
  readonly namespace: string;
  readonly name: string;
  readonly replicaIdentity: ReplicaIdentity;
  readonly columns: readonly RelationColumn[];
}

export interface TypeMessage extends Streamable {
  readonly tag: 'type';
  readonly oid: Oid;
  readonly namespace: string;
  readonly name: string;
}

export interface InsertMessage extends Streamable {
  readonly tag: 'insert';
  readonly relationOid: Oid;
  readonly newTuple: TupleData;
}

export interface UpdateMessage extends Streamable {
  readonly tag: 'update';
  readonly relationOid: Oid;
  /** Absent when the identity did not change and is not full. */
  readonly old?: OldTuple;
  readonly newTuple: TupleData;
}

export interface DeleteMessage extends Streamable {
  readonly tag: 'delete';
  readonly relationOid: Oid;
  readonly old: OldTuple;
}

export interface TruncateMessage extends Streamable {
  readonly tag: 'truncate';
  readonly relationOids: readonly Oid[];
  readonly cascade: boolean;
  readonly restartIdentity: boolean;
}

/** What `pg_logical_emit_message` wrote. */
export interface LogicalMessage extends Streamable {
  readonly tag: 'message';
  readonly transactional: boolean;
  readonly lsn: Lsn;
  readonly prefix: string;
  readonly content: Buffer;
}

/** The transaction was itself replicated: where it was done first. */
export interface OriginMessage {
  readonly tag: 'origin';
  /** Where it was committed there. */
  readonly lsn: Lsn;
  readonly name: string;
}

export interface BeginMessage {
  readonly tag: 'begin';
  /** Where its commit is. */
  readonly finalLsn: Lsn;
  readonly commitTime: Timestamp;
  readonly xid: Xid;
}

export interface CommitMessage {
  readonly tag: 'commit';
  readonly commitLsn: Lsn;
  /** What follows the commit: confirming this is confirming the transaction. */
  readonly endLsn: Lsn;
  readonly commitTime: Timestamp;
}

export interface StreamStartMessage {
  readonly tag: 'streamStart';
  readonly xid: Xid;
  readonly isFirstSegment: boolean;
}

export interface StreamStopMessage {
  readonly tag: 'streamStop';
}

export interface StreamCommitMessage extends Omit<CommitMessage, 'tag'> {
  readonly tag: 'streamCommit';
  readonly xid: Xid;
}

export interface StreamAbortMessage {
  readonly tag: 'streamAbort';
  readonly xid: Xid;
  /** What is undone; the same as `xid` when it is the whole transaction. */
  readonly subXid: Xid;
  /** Only with `streaming 'parallel'`. */
  readonly abortLsn?: Lsn;
  readonly abortTime?: Timestamp;
}

/** A transaction that is prepared: two-phase commit. */
export interface Prepared {
  readonly prepareLsn: Lsn;
  readonly endLsn: Lsn;
  readonly prepareTime: Timestamp;
  readonly xid: Xid;
  /** The name it was given in PREPARE TRANSACTION. */
  readonly gid: string;
}

export interface BeginPrepareMessage extends Prepared {
  readonly tag: 'beginPrepare';
}

export interface PrepareMessage extends Prepared {
  readonly tag: 'prepare';
}

/** A transaction that was streamed is prepared. */
export interface StreamPrepareMessage extends Prepared {
  readonly tag: 'streamPrepare';
}

export interface CommitPreparedMessage extends Omit<CommitMessage, 'tag'> {
  readonly tag: 'commitPrepared';
  readonly xid: Xid;
  readonly gid: string;
}

export interface RollbackPreparedMessage {
  readonly tag: 'rollbackPrepared';
  readonly prepareEndLsn: Lsn;
  readonly endLsn: Lsn;
  readonly prepareTime: Timestamp;
  readonly rollbackTime: Timestamp;
  readonly xid: Xid;
  readonly gid: string;
}

/** What is done inside a transaction. */
export type ChangeMessage =
  | RelationMessage
  | TypeMessage
  | InsertMessage
  | UpdateMessage
  | DeleteMessage
  | TruncateMessage
  | LogicalMessage
  | OriginMessage;

/** Where transactions begin and end that are sent whole. */
export type BoundaryMessage =
  BeginMessage | CommitMessage | BeginPrepareMessage | PrepareMessage | CommitPreparedMessage | RollbackPreparedMessage;

/** About transactions that are sent in parts before they have ended. */
export type StreamMessage =
  StreamStartMessage | StreamStopMessage | StreamCommitMessage | StreamAbortMessage | StreamPrepareMessage;

/** Everything pgoutput sends, in protocol versions 1 to 4. */
export type PgoutputMessage = ChangeMessage | BoundaryMessage | StreamMessage;
