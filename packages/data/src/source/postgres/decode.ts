import { del, insert, message, origin, relation, truncate, type, update } from './decode-changes.ts';
import { ProtocolError } from './protocol-error.ts';
import { Reader } from './reader.ts';
import type { Lsn } from './lsn.ts';
import type * as m from './messages.ts';
import type { Timestamp } from './timestamp.ts';

type Decode = (reader: Reader, inStream: boolean) => m.PgoutputMessage;

/** The first byte of a message says what it is. */
const MESSAGES: Readonly<Record<string, Decode>> = {
  R: relation,
  Y: type,
  I: insert,
  U: update,
  D: del,
  T: truncate,
  M: message,
  O: origin,
  B: begin,
  C: (reader) => ({ tag: 'commit', ...committed(reader) }),
  S: (reader) => ({ tag: 'streamStart', xid: reader.uint32(), isFirstSegment: reader.uint8() !== 0 }),
  E: () => ({ tag: 'streamStop' }),
  c: (reader) => ({ tag: 'streamCommit', xid: reader.uint32(), ...committed(reader) }),
  A: streamAbort,
  b: (reader) => ({ tag: 'beginPrepare', ...prepared(reader) }),
  P: (reader) => ({ tag: 'prepare', ...flagged(reader, prepared) }),
  p: (reader) => ({ tag: 'streamPrepare', ...flagged(reader, prepared) }),
  K: (reader) => ({ tag: 'commitPrepared', ...committed(reader), xid: reader.uint32(), gid: reader.string() }),
  r: (reader) => ({ tag: 'rollbackPrepared', ...flagged(reader, rolledBack) }),
};

/**
 * Reads one message of pgoutput, of any protocol version from 1 to 4. `inStream`: it came between a stream start and a stream
 * stop, where changes carry the number of their transaction. Values are views of `bytes`. Throws `ProtocolError`, nothing else.
 */
export function decodeMessage(bytes: Buffer, inStream: boolean): m.PgoutputMessage {
  const reader = new Reader(bytes);
  const letter = reader.letter();
  const decode = Object.hasOwn(MESSAGES, letter) ? MESSAGES[letter] : undefined;
  if (!decode) throw new ProtocolError(`a message begins with byte ${String(letter.charCodeAt(0))}`);
  const decoded = decode(reader, inStream);
  reader.end();
  return decoded;
}

function begin(reader: Reader): m.BeginMessage {
  return { tag: 'begin', finalLsn: reader.uint64(), commitTime: reader.int64(), xid: reader.uint32() };
}

/** Flags come first; none is known, and an unknown one may change the meaning of what follows. */
function flagged<T>(reader: Reader, rest: (reader: Reader) => T): T {
  const flags = reader.uint8();
  if (flags !== 0) throw new ProtocolError(`a message has the unknown flags ${String(flags)}`);
  return rest(reader);
}

function committed(reader: Reader): { commitLsn: Lsn; endLsn: Lsn; commitTime: Timestamp } {
  return flagged(reader, () => ({
    commitLsn: reader.uint64(),
    endLsn: reader.uint64(),
    commitTime: reader.int64(),
  }));
}

function prepared(reader: Reader): m.Prepared {
  return {
    prepareLsn: reader.uint64(),
    endLsn: reader.uint64(),
    prepareTime: reader.int64(),
    xid: reader.uint32(),
    gid: reader.string(),
  };
}

function rolledBack(reader: Reader): Omit<m.RollbackPreparedMessage, 'tag'> {
  return {
    prepareEndLsn: reader.uint64(),
    endLsn: reader.uint64(),
    prepareTime: reader.int64(),
    rollbackTime: reader.int64(),
    xid: reader.uint32(),
    gid: reader.string(),
  };
}

/** With `streaming 'parallel'` it also says where and when. */
function streamAbort(reader: Reader): m.StreamAbortMessage {
  const head = { tag: 'streamAbort', xid: reader.uint32(), subXid: reader.uint32() } as const;
  return reader.left === 0 ? head : { ...head, abortLsn: reader.uint64(), abortTime: reader.int64() };
}
