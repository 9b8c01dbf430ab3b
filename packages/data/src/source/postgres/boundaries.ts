import type * as e from './events.ts';
import type * as m from './messages.ts';
import type { Lsn } from './lsn.ts';
import type { Timestamp } from './timestamp.ts';

/** Events of the messages that begin and end transactions. */

export function begun(xid: m.Xid, commitLsn: Lsn, commitTime: Timestamp, streamed: boolean): e.BeginEvent {
  return { kind: 'begin', xid, commitLsn, commitTime, streamed };
}

export function commit(xid: m.Xid, message: m.CommitMessage | m.StreamCommitMessage): e.CommitEvent {
  const { commitLsn, endLsn, commitTime } = message;
  return { kind: 'commit', xid, commitLsn, endLsn, commitTime };
}

export function beginPrepare(message: m.Prepared, streamed: boolean): e.BeginPrepareEvent {
  const { xid, gid, prepareLsn, prepareTime } = message;
  return { kind: 'beginPrepare', xid, gid, prepareLsn, prepareTime, streamed };
}

export function prepare({ xid, gid, prepareLsn, endLsn, prepareTime }: m.Prepared): e.PrepareEvent {
  return { kind: 'prepare', xid, gid, prepareLsn, endLsn, prepareTime };
}

export function commitPrepared(message: m.CommitPreparedMessage): e.CommitPreparedEvent {
  const { xid, gid, commitLsn, endLsn, commitTime } = message;
  return { kind: 'commitPrepared', xid, gid, commitLsn, endLsn, commitTime };
}

export function rollbackPrepared({ tag: _, ...rest }: m.RollbackPreparedMessage): e.RollbackPreparedEvent {
  return { kind: 'rollbackPrepared', ...rest };
}
