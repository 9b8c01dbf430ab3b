import fc from 'fast-check';
import * as b from '../../testing/pgoutput-bytes.ts';
import { decodeMessage } from './decode.ts';
import { UNCHANGED } from './messages.ts';
import { ProtocolError } from './protocol-error.ts';

const { join, letter, string, u8, u16, u32, i32, u64, i64, tuple } = b;
const TIME = 817_459_200_123_456n;
const committed = join(u8(0), u64(5n), u64(6n), i64(TIME));
const prepared = join(u64(5n), u64(6n), i64(TIME), u32(7), string('g'));
const isPrepared = { prepareLsn: 5n, endLsn: 6n, prepareTime: TIME, xid: 7, gid: 'g' };
const isCommitted = { commitLsn: 5n, endLsn: 6n, commitTime: TIME };
const key = join(letter('K'), tuple('1', null));
const old = join(letter('O'), tuple('1', 'x'));
const fresh = join(letter('N'), tuple('2', UNCHANGED));

/** What is not about changes, and never carries the number of a stream's transaction before it. */
const CONTROL: readonly [string, Buffer, object][] = [
  ['begin', b.begin(7, 5n, TIME), { tag: 'begin', finalLsn: 5n, commitTime: TIME, xid: 7 }],
  [
    'begin with the highest numbers',
    b.begin(2 ** 32 - 1, 2n ** 64n - 1n, -1n),
    { xid: 2 ** 32 - 1, finalLsn: 2n ** 64n - 1n, commitTime: -1n },
  ],
  ['commit', join(letter('C'), committed), { tag: 'commit', ...isCommitted }],
  ['origin', b.origin('elsewhere', 9n), { tag: 'origin', lsn: 9n, name: 'elsewhere' }],
  ['stream start, first', b.streamStart(7, true), { tag: 'streamStart', xid: 7, isFirstSegment: true }],
  ['stream start, later', b.streamStart(7, false), { tag: 'streamStart', xid: 7, isFirstSegment: false }],
  ['stream stop', b.streamStop, { tag: 'streamStop' }],
  ['stream commit', join(letter('c'), u32(7), committed), { tag: 'streamCommit', xid: 7, ...isCommitted }],
  ['stream abort', b.streamAbort(7, 8), { tag: 'streamAbort', xid: 7, subXid: 8 }],
  [
    'stream abort, parallel',
    join(b.streamAbort(7, 8), u64(5n), i64(TIME)),
    { tag: 'streamAbort', xid: 7, subXid: 8, abortLsn: 5n, abortTime: TIME },
  ],
  ['begin prepare', join(letter('b'), prepared), { tag: 'beginPrepare', ...isPrepared }],
  ['prepare', join(letter('P'), u8(0), prepared), { tag: 'prepare', ...isPrepared }],
  ['stream prepare', join(letter('p'), u8(0), prepared), { tag: 'streamPrepare', ...isPrepared }],
  [
    'commit prepared',
    join(letter('K'), committed, u32(7), string('g')),
    { tag: 'commitPrepared', ...isCommitted, xid: 7, gid: 'g' },
  ],
  [
    'rollback prepared',
    join(letter('r'), u8(0), u64(5n), u64(6n), i64(TIME), i64(TIME + 1n), u32(7), string('g')),
    {
      tag: 'rollbackPrepared',
      prepareEndLsn: 5n,
      endLsn: 6n,
      prepareTime: TIME,
      rollbackTime: TIME + 1n,
      xid: 7,
      gid: 'g',
    },
  ],
];

/** Letter, what follows it and the transaction's number, what it means. */
const CHANGES: readonly [string, string, Buffer, object][] = [
  [
    'relation',
    'R',
    join(
      u32(9),
      string('s'),
      string('t'),
      letter('f'),
      u16(2),
      u8(1),
      string('id'),
      u32(23),
      i32(-1),
      u8(0),
      string('v'),
      u32(1043),
      i32(14),
    ),
    {
      ...{ tag: 'relation', oid: 9, namespace: 's', name: 't', replicaIdentity: 'full' },
      columns: [
        { isKey: true, name: 'id', typeOid: 23, typeModifier: -1 },
        { isKey: false, name: 'v', typeOid: 1043, typeModifier: 14 },
      ],
    },
  ],
  [
    'relation of the catalog, without columns',
    'R',
    join(u32(9), string(''), string('t'), letter('n'), u16(0)),
    { namespace: 'pg_catalog', replicaIdentity: 'nothing', columns: [] },
  ],
  ['type', 'Y', join(u32(9), string('s'), string('ünï')), { tag: 'type', oid: 9, namespace: 's', name: 'ünï' }],
  [
    'insert of text',
    'I',
    join(u32(9), letter('N'), tuple('1', '', null)),
    { tag: 'insert', relationOid: 9, newTuple: ['1', '', null] },
  ],
  [
    'insert of bytes',
    'I',
    join(u32(9), letter('N'), tuple(Buffer.from([0, 255]), 'a')),
    { newTuple: [Buffer.from([0, 255]), 'a'] },
  ],
  ['update', 'U', join(u32(9), fresh), { tag: 'update', relationOid: 9, newTuple: ['2', UNCHANGED] }],
  [
    'update with a key',
    'U',
    join(u32(9), key, fresh),
    { old: { kind: 'key', tuple: ['1', null] }, newTuple: ['2', UNCHANGED] },
  ],
  ['update with the old row', 'U', join(u32(9), old, fresh), { old: { kind: 'full', tuple: ['1', 'x'] } }],
  [
    'delete by key',
    'D',
    join(u32(9), key),
    { tag: 'delete', relationOid: 9, old: { kind: 'key', tuple: ['1', null] } },
  ],
  ['delete by row', 'D', join(u32(9), old), { old: { kind: 'full', tuple: ['1', 'x'] } }],
  [
    'truncate',
    'T',
    join(u32(2), u8(3), u32(9), u32(10)),
    { tag: 'truncate', relationOids: [9, 10], cascade: true, restartIdentity: true },
  ],
  ['truncate without options', 'T', join(u32(1), u8(0), u32(9)), { cascade: false, restartIdentity: false }],
  [
    'message',
    'M',
    join(u8(1), u64(5n), string('p'), i32(3), Buffer.from('abc')),
    { tag: 'message', transactional: true, lsn: 5n, prefix: 'p', content: Buffer.from('abc') },
  ],
  [
    'message outside',
    'M',
    join(u8(0), u64(5n), string(''), i32(0)),
    { transactional: false, prefix: '', content: Buffer.alloc(0) },
  ],
];

describe('decodeMessage', () => {
  it.each(CONTROL)('reads %s', (_, bytes, meaning) => {
    expect(decodeMessage(bytes, false)).toMatchObject(meaning);
    expect(decodeMessage(bytes, true)).toMatchObject(meaning);
  });

  it.each(CHANGES)('reads %s, also in a stream', (_, kind, rest, meaning) => {
    expect(decodeMessage(join(letter(kind), rest), false)).toMatchObject(meaning);
    expect(decodeMessage(join(letter(kind), rest), false)).not.toHaveProperty('xid');
    expect(decodeMessage(join(letter(kind), u32(77), rest), true)).toMatchObject({ ...meaning, xid: 77 });
  });

  const all = [...CONTROL.map(([, bytes]) => bytes), ...CHANGES.map(([, kind, rest]) => join(letter(kind), rest))];

  it('refuses every message that is cut short or has more at its end', () => {
    for (const bytes of all) {
      for (let end = 0; end < bytes.length; end++) {
        // A stream abort without its last two fields is one, too.
        if (bytes[0] === 'A'.charCodeAt(0) && end === 9) continue;
        expect(() => decodeMessage(bytes.subarray(0, end), false)).toThrow(ProtocolError);
      }
      expect(() => decodeMessage(join(bytes, u8(0)), false)).toThrow(ProtocolError);
    }
  });

  it.each([
    ['an unknown kind of message', letter('Z')],
    ['an unknown kind of column', join(letter('I'), u32(9), letter('N'), u16(1), letter('x'))],
    ['an unknown replica identity', join(letter('R'), u32(9), string('s'), string('t'), letter('z'), u16(0))],
    [
      'the name of a property for a replica identity',
      join(letter('R'), u32(9), string('s'), string('t'), letter('_'), u16(0)),
    ],
    ['a column of a negative length', join(letter('I'), u32(9), letter('N'), u16(1), letter('t'), i32(-1))],
    ['an insert of an old row', join(letter('I'), u32(9), letter('O'), tuple('1'))],
    ['a delete of a new row', join(letter('D'), u32(9), letter('N'), tuple('1'))],
    ['a truncate of more than there is', join(letter('T'), u32(2 ** 32 - 1), u8(0))],
    ['unknown flags', join(letter('C'), u8(1), u64(5n), u64(6n), i64(0n))],
    ['text that is not UTF-8', join(letter('I'), u32(9), letter('N'), u16(1), letter('t'), i32(1), u8(0xff))],
  ])('refuses %s', (_, bytes) => {
    expect(() => decodeMessage(bytes, false)).toThrow(ProtocolError);
  });

  const onlyItsOwn = (bytes: Buffer, inStream: boolean): void => {
    try {
      decodeMessage(bytes, inStream);
    } catch (err) {
      expect(err).toBeInstanceOf(ProtocolError);
    }
  };

  it('throws nothing but its own error, whatever the bytes', () => {
    const kinds = fc.constantFrom(...'RYIUDTMOBCSEcAbPpKr');
    fc.assert(
      fc.property(kinds, fc.uint8Array({ maxLength: 200 }), fc.boolean(), (kind, rest, inStream) =>
        onlyItsOwn(join(letter(kind), Buffer.from(rest)), inStream),
      ),
      { numRuns: 20_000 },
    );
  });

  it('throws nothing but its own error on messages with a few wrong bytes', () => {
    const damage = fc.array(fc.tuple(fc.nat(), fc.integer({ min: 0, max: 255 })), { minLength: 1, maxLength: 4 });
    fc.assert(
      fc.property(fc.constantFrom(...all), damage, fc.boolean(), (bytes, changes, inStream) => {
        const damaged = Buffer.from(bytes);
        for (const [at, value] of changes) damaged[at % damaged.length] = value;
        onlyItsOwn(damaged, inStream);
      }),
      { numRuns: 20_000 },
    );
  });

  it('gives every row back that was written', () => {
    const column = fc.oneof(
      fc.constant(null),
      fc.constant(UNCHANGED),
      fc.string({ unit: 'grapheme' }),
      fc.uint8Array().map((bytes) => Buffer.from(bytes)),
    );
    fc.assert(
      fc.property(fc.array(column), (newTuple) => {
        expect(decodeMessage(b.insert(9, newTuple), false)).toEqual({
          tag: 'insert',
          relationOid: 9,
          newTuple,
        });
      }),
    );
  });
});
