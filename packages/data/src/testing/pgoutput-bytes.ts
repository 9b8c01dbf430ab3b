import { UNCHANGED, type ColumnValue } from '../source/postgres/messages.ts';

/** Messages of pgoutput made by hand, byte by byte, as the documentation of Postgres gives them. */
export const u8 = (value: number): Buffer => Buffer.from([value]);
export const u16 = (value: number): Buffer => sized(2, (b) => b.writeUInt16BE(value));
export const u32 = (value: number): Buffer => sized(4, (b) => b.writeUInt32BE(value));
export const i32 = (value: number): Buffer => sized(4, (b) => b.writeInt32BE(value));
export const u64 = (value: bigint): Buffer => sized(8, (b) => b.writeBigUInt64BE(value));
export const i64 = (value: bigint): Buffer => sized(8, (b) => b.writeBigInt64BE(value));
export const letter = (value: string): Buffer => Buffer.from(value, 'latin1');
export const string = (value: string): Buffer => Buffer.from(`${value}\0`);
export const join = (...parts: readonly Buffer[]): Buffer => Buffer.concat(parts);

function sized(length: number, write: (bytes: Buffer) => void): Buffer {
  const bytes = Buffer.alloc(length);
  write(bytes);
  return bytes;
}

export function tuple(...columns: readonly ColumnValue[]): Buffer {
  return join(u16(columns.length), ...columns.map(column));
}

function column(value: ColumnValue): Buffer {
  if (value === null) return letter('n');
  if (value === UNCHANGED) return letter('u');
  if (typeof value === 'string') return join(letter('t'), i32(Buffer.byteLength(value)), Buffer.from(value));
  return join(letter('b'), i32(value.length), value);
}

export const begin = (xid: number, finalLsn: bigint, time = 0n): Buffer =>
  join(letter('B'), u64(finalLsn), i64(time), u32(xid));
export const commit = (commitLsn: bigint, endLsn: bigint, time = 0n): Buffer =>
  join(letter('C'), u8(0), u64(commitLsn), u64(endLsn), i64(time));
export const origin = (name: string, lsn: bigint): Buffer => join(letter('O'), u64(lsn), string(name));
export const streamStart = (xid: number, first: boolean): Buffer => join(letter('S'), u32(xid), u8(first ? 1 : 0));
export const streamStop = letter('E');
export const streamAbort = (xid: number, subXid: number): Buffer => join(letter('A'), u32(xid), u32(subXid));
export const streamCommit = (xid: number, commitLsn: bigint, endLsn: bigint, time = 0n): Buffer =>
  join(letter('c'), u32(xid), u8(0), u64(commitLsn), u64(endLsn), i64(time));
export const prepared = (kind: 'b' | 'P' | 'p', xid: number, gid: string, lsn: bigint, endLsn: bigint): Buffer =>
  join(letter(kind), kind === 'b' ? letter('') : u8(0), u64(lsn), u64(endLsn), i64(0n), u32(xid), string(gid));

/** A relation of text columns, the first of which is the key. `xid`: inside a stream block. */
export const relation = (oid: number, name: string, columns: readonly string[], xid?: number): Buffer =>
  join(
    ...[letter('R'), ...(xid === undefined ? [] : [u32(xid)]), u32(oid), string('public'), string(name), letter('d')],
    ...[u16(columns.length), ...columns.map((one, i) => join(u8(i === 0 ? 1 : 0), string(one), u32(25), i32(-1)))],
  );
export const insert = (oid: number, columns: readonly ColumnValue[], xid?: number): Buffer =>
  join(letter('I'), ...(xid === undefined ? [] : [u32(xid)]), u32(oid), letter('N'), tuple(...columns));
export const message = (prefix: string, content: string, transactional: boolean, lsn: bigint, xid?: number): Buffer =>
  join(
    ...[letter('M'), ...(xid === undefined ? [] : [u32(xid)]), u8(transactional ? 1 : 0), u64(lsn), string(prefix)],
    ...[i32(Buffer.byteLength(content)), Buffer.from(content)],
  );
