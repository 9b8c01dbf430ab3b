import { ProtocolError } from './protocol-error.ts';
import { Reader } from './reader.ts';
import type { Lsn } from './lsn.ts';
import type { Timestamp } from './timestamp.ts';

/** A piece of the log. In logical replication it holds exactly one message of the output plugin. */
export interface XLogData {
  readonly kind: 'xlogData';
  /** Where in the log the message comes from. */
  readonly walStart: Lsn;
  /** How far the server is. In logical replication the same as `walStart`. */
  readonly walEnd: Lsn;
  /** The server's clock when it was sent. */
  readonly sendTime: Timestamp;
  readonly data: Buffer;
}

/** Says how far the server has read its log, and asks for an answer when it has heard nothing for long. */
export interface Keepalive {
  readonly kind: 'keepalive';
  /** Everything of interest before this was sent before this frame. */
  readonly walEnd: Lsn;
  readonly sendTime: Timestamp;
  /** The server ends the session when no status comes soon. */
  readonly replyRequested: boolean;
}

export type Frame = XLogData | Keepalive;

/** What the receiver tells the server: how far it is, in three stages, with its own clock. */
export interface StandbyStatus {
  /** Received, wherever it is now. */
  readonly written: Lsn;
  /** Safe: the server may forget everything before it. */
  readonly flushed: Lsn;
  /** Visible at the receiver's side. */
  readonly applied: Lsn;
  readonly clock: Timestamp;
  /** Asks the server for a keepalive at once. */
  readonly replyRequested: boolean;
}

const STATUS_LENGTH = 34;

/** Reads what one CopyData message of the stream holds. `data` is a view of `bytes`. Throws `ProtocolError`. */
export function decodeFrame(bytes: Buffer): Frame {
  const reader = new Reader(bytes);
  const letter = reader.letter();
  if (letter === 'w') return xlogData(reader);
  if (letter === 'k') return keepalive(reader);
  throw new ProtocolError(`a frame begins with byte ${String(letter.charCodeAt(0))}`);
}

function xlogData(reader: Reader): XLogData {
  return {
    kind: 'xlogData',
    walStart: reader.uint64(),
    walEnd: reader.uint64(),
    sendTime: reader.int64(),
    data: reader.bytes(reader.left),
  };
}

function keepalive(reader: Reader): Keepalive {
  const frame = {
    kind: 'keepalive',
    walEnd: reader.uint64(),
    sendTime: reader.int64(),
    replyRequested: reader.uint8() !== 0,
  } as const;
  reader.end();
  return frame;
}

/** The bytes of a standby status update, to be sent as one CopyData message. */
export function encodeStandbyStatus(status: StandbyStatus): Buffer {
  const bytes = Buffer.alloc(STATUS_LENGTH);
  bytes.write('r', 0, 'latin1');
  bytes.writeBigUInt64BE(status.written, 1);
  bytes.writeBigUInt64BE(status.flushed, 9);
  bytes.writeBigUInt64BE(status.applied, 17);
  bytes.writeBigInt64BE(status.clock, 25);
  bytes.writeUInt8(status.replyRequested ? 1 : 0, 33);
  return bytes;
}
