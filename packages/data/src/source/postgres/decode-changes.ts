import { ProtocolError } from './protocol-error.ts';
import { UNCHANGED } from './messages.ts';
import type { Reader } from './reader.ts';
import type * as m from './messages.ts';

const REPLICA_IDENTITIES: Readonly<Record<string, m.ReplicaIdentity>> = {
  d: 'default',
  n: 'nothing',
  f: 'full',
  i: 'index',
};
const IS_KEY = 1;
const IS_TRANSACTIONAL = 1;
const CASCADE = 1;
const RESTART_IDENTITY = 2;

/** Inside a stream block the number of the transaction stands before everything else. */
const xidOf = (reader: Reader, inStream: boolean): { xid?: m.Xid } => (inStream ? { xid: reader.uint32() } : {});
/** The server writes `pg_catalog` as an empty text. */
const namespaceOf = (reader: Reader): string => reader.string() || 'pg_catalog';

export function relation(reader: Reader, inStream: boolean): m.RelationMessage {
  return {
    tag: 'relation',
    ...xidOf(reader, inStream),
    oid: reader.uint32(),
    namespace: namespaceOf(reader),
    name: reader.string(),
    replicaIdentity: replicaIdentity(reader),
    columns: many(reader, column),
  };
}

function replicaIdentity(reader: Reader): m.ReplicaIdentity {
  const letter = reader.letter();
  const found = Object.hasOwn(REPLICA_IDENTITIES, letter) ? REPLICA_IDENTITIES[letter] : undefined;
  if (!found) throw new ProtocolError(`a relation has the replica identity '${letter}'`);
  return found;
}

function column(reader: Reader): m.RelationColumn {
  return {
    isKey: (reader.uint8() & IS_KEY) !== 0,
    name: reader.string(),
    typeOid: reader.uint32(),
    typeModifier: reader.int32(),
  };
}

export function type(reader: Reader, inStream: boolean): m.TypeMessage {
  return {
    tag: 'type',
    ...xidOf(reader, inStream),
    oid: reader.uint32(),
    namespace: namespaceOf(reader),
    name: reader.string(),
  };
}

export function insert(reader: Reader, inStream: boolean): m.InsertMessage {
  const head = { ...xidOf(reader, inStream), relationOid: reader.uint32() };
  expectNew(reader.letter());
  return { tag: 'insert', ...head, newTuple: many(reader, value) };
}

export function update(reader: Reader, inStream: boolean): m.UpdateMessage {
  const head = { ...xidOf(reader, inStream), relationOid: reader.uint32() };
  const letter = reader.letter();
  if (letter === 'N') return { tag: 'update', ...head, newTuple: many(reader, value) };
  const old = oldTuple(letter, reader);
  expectNew(reader.letter());
  return { tag: 'update', ...head, old, newTuple: many(reader, value) };
}

export function del(reader: Reader, inStream: boolean): m.DeleteMessage {
  const head = { ...xidOf(reader, inStream), relationOid: reader.uint32() };
  return { tag: 'delete', ...head, old: oldTuple(reader.letter(), reader) };
}

export function truncate(reader: Reader, inStream: boolean): m.TruncateMessage {
  const xid = xidOf(reader, inStream);
  const count = reader.uint32();
  const options = reader.uint8();
  if (count * 4 > reader.left) throw new ProtocolError('a truncate names more relations than it holds');
  return {
    tag: 'truncate',
    ...xid,
    relationOids: Array.from({ length: count }, () => reader.uint32()),
    cascade: (options & CASCADE) !== 0,
    restartIdentity: (options & RESTART_IDENTITY) !== 0,
  };
}

export function message(reader: Reader, inStream: boolean): m.LogicalMessage {
  return {
    tag: 'message',
    ...xidOf(reader, inStream),
    transactional: (reader.uint8() & IS_TRANSACTIONAL) !== 0,
    lsn: reader.uint64(),
    prefix: reader.string(),
    content: reader.bytes(reader.int32()),
  };
}

/** It has no number of a transaction, in a stream block neither. */
export function origin(reader: Reader): m.OriginMessage {
  return { tag: 'origin', lsn: reader.uint64(), name: reader.string() };
}

function expectNew(letter: string): void {
  if (letter !== 'N') throw new ProtocolError(`'${letter}' stands where a new row is to begin`);
}

function oldTuple(letter: string, reader: Reader): m.OldTuple {
  if (letter !== 'K' && letter !== 'O') throw new ProtocolError(`'${letter}' stands where an old row is to begin`);
  return { kind: letter === 'K' ? 'key' : 'full', tuple: many(reader, value) };
}

function value(reader: Reader): m.ColumnValue {
  const kind = reader.letter();
  if (kind === 't') return reader.text(reader.int32());
  if (kind === 'b') return reader.bytes(reader.int32());
  if (kind === 'n') return null;
  if (kind === 'u') return UNCHANGED;
  throw new ProtocolError(`a column is of the kind '${kind}'`);
}

/** A number of items, and the items. */
function many<T>(reader: Reader, item: (reader: Reader) => T): T[] {
  const count = reader.uint16();
  const items: T[] = [];
  for (let i = 0; i < count; i++) items.push(item(reader));
  return items;
}
