import fc from 'fast-check';
import * as b from '../../testing/pgoutput-bytes.ts';
import { Assembler, type AssemblerOptions } from './assemble.ts';
import { ProtocolError } from './protocol-error.ts';
import type { SourceEvent } from './events.ts';
import type { SpillFile } from './spill-file.ts';

const OID = 9;
const shapeOf = (event: SourceEvent): unknown =>
  event.kind === 'insert' ? event.newTuple[0] : event.kind === 'message' ? `message ${event.prefix}` : event.kind;

/** A file in memory that knows whether it was closed. */
function memoryFile(open: Set<object>): SpillFile {
  let content = Buffer.alloc(0);
  const file: SpillFile = {
    append: (bytes) => Promise.resolve(void (content = Buffer.concat([content, bytes]))),
    read: (into, position) => Promise.resolve(content.copy(into, 0, position)),
    close: () => Promise.resolve(void open.delete(file)),
  };
  open.add(file);
  return file;
}

function assembler(more: Partial<AssemblerOptions> = {}) {
  const files = new Set<object>();
  const skipped: bigint[] = [];
  const one = new Assembler({
    ...{ memoryBytes: 50, skipOrigins: false, openFile: () => Promise.resolve(memoryFile(files)) },
    onSkipped: (lsn) => skipped.push(lsn),
    ...more,
  });
  const give = async (...messages: readonly Buffer[]): Promise<SourceEvent[]> => {
    const out: SourceEvent[] = [];
    for (const bytes of messages) {
      const later = one.take(bytes, out);
      if (later) for await (const events of later) out.push(...events);
    }
    return out;
  };
  return { one, files, skipped, give };
}
const relation = (xid?: number, columns = ['id']): Buffer => b.relation(OID, 't', columns, xid);
const insert = (id: string, xid?: number): Buffer => b.insert(OID, [id], xid);

describe('Assembler', () => {
  it('passes on what is committed, its origin with the begin', async () => {
    const { give } = assembler();
    const events = await give(b.begin(7, 5n, 3n), b.origin('o', 4n), relation(), insert('1'), b.commit(5n, 6n, 3n));
    expect(events).toMatchObject([
      { kind: 'begin', xid: 7, commitLsn: 5n, commitTime: 3n, streamed: false, origin: { name: 'o', lsn: 4n } },
      { kind: 'insert', relation: { name: 't', columns: [{ name: 'id', isKey: true }] }, newTuple: ['1'] },
      { kind: 'commit', xid: 7, commitLsn: 5n, endLsn: 6n, commitTime: 3n },
    ]);
  });

  it('passes on the begin with the first change, not with the commit', () => {
    const { one } = assembler();
    const out: SourceEvent[] = [];
    for (const bytes of [b.begin(7, 5n), relation(), insert('1')]) one.take(bytes, out);
    expect(out.map(shapeOf)).toEqual(['begin', '1']);
  });

  it('keeps what is streamed until its commit, and gives disk and memory back', async () => {
    const { one, give, files } = assembler();
    const before = await give(b.streamStart(7, true), relation(7), insert('1', 7), insert('2', 7), b.streamStop);
    expect([before, one.spilledBytes > 0, files.size]).toEqual([[], true, 1]);
    expect((await give(b.begin(8, 1n), relation(), insert('x'), b.commit(1n, 2n))).map(shapeOf)).toEqual([
      'begin',
      'x',
      'commit',
    ]);
    await give(b.streamStart(7, false), insert('3', 7), b.streamStop);
    expect((await give(b.streamCommit(7, 5n, 6n))).map(shapeOf)).toEqual(['begin', '1', '2', '3', 'commit']);
    expect([one.spilledBytes, files.size]).toEqual([0, 0]);
  });

  it('leaves out subtransactions that were rolled back, and whole transactions', async () => {
    const { give, files } = assembler();
    await give(b.streamStart(7, true), insert('1', 8), relation(8), insert('2', 7), insert('3', 9), b.streamStop);
    await give(b.streamAbort(7, 8), b.streamAbort(7, 9), b.streamAbort(99, 99));
    await give(b.streamStart(7, false), insert('4', 10), b.streamStop);
    expect((await give(b.streamCommit(7, 5n, 6n))).map(shapeOf)).toEqual(['begin', '2', '4', 'commit']);
    await give(
      b.streamStart(20, true),
      relation(20),
      insert('5', 20),
      insert('6', 20),
      b.streamStop,
      b.streamAbort(20, 20),
    );
    expect(files.size).toBe(0);
    await expect(give(b.streamCommit(20, 7n, 8n))).rejects.toBeInstanceOf(ProtocolError);
  });

  it('gives the words of a streamed transaction about tables to all others once it is committed', async () => {
    const { give } = assembler();
    await give(b.streamStart(7, true), relation(7, ['id', 'new']), b.streamStop);
    await expect(give(b.begin(8, 1n), insert('1'))).rejects.toThrow('did not tell');
    const other = assembler();
    await other.give(b.streamStart(7, true), relation(7, ['id', 'new']), b.streamStop, b.streamCommit(7, 1n, 2n));
    const [, event] = await other.give(b.begin(8, 3n), insert('1'), b.commit(3n, 4n));
    expect(event).toMatchObject({ relation: { columns: [{ name: 'id' }, { name: 'new' }] } });
  });

  it('does not let an old word of it win over a newer one', async () => {
    const { give } = assembler();
    await give(b.streamStart(7, true), relation(7, ['id', 'old']), b.streamStop);
    await give(b.begin(8, 1n), relation(undefined, ['id', 'new']), insert('1'), b.commit(1n, 2n));
    await give(b.streamCommit(7, 3n, 4n));
    const [, event] = await give(b.begin(9, 5n), insert('2'), b.commit(5n, 6n));
    expect(event).toMatchObject({ relation: { columns: [{ name: 'id' }, { name: 'new' }] } });
  });

  it('leaves out what has an origin, streamed or not, and says where it ended', async () => {
    const { give, skipped, files } = assembler({ skipOrigins: true });
    const small = await give(b.begin(7, 5n), b.origin('o', 1n), relation(), insert('1'), b.commit(5n, 6n));
    await give(b.streamStart(8, true), b.origin('o', 2n), relation(8), insert('2', 8), insert('3', 8), b.streamStop);
    expect([...small, ...(await give(b.streamCommit(8, 7n, 8n)))]).toEqual([]);
    expect([skipped, files.size]).toEqual([[6n, 8n], 0]);
    expect((await give(b.begin(9, 9n), insert('4'), b.commit(9n, 10n))).map(shapeOf)).toEqual(['begin', '4', 'commit']);
  });

  it('gives prepared transactions and what became of them', async () => {
    const { give } = assembler();
    const whole = [b.prepared('b', 7, 'g', 5n, 6n), relation(), insert('1'), b.prepared('P', 7, 'g', 5n, 6n)];
    expect((await give(...whole)).map(shapeOf)).toEqual(['beginPrepare', '1', 'prepare']);
    await give(b.streamStart(8, true), insert('2', 8), b.streamStop);
    const events = await give(b.prepared('p', 8, 'h', 7n, 8n));
    expect(events).toMatchObject([
      { kind: 'beginPrepare', gid: 'h', streamed: true },
      {},
      { kind: 'prepare', endLsn: 8n },
    ]);
    const decided = b.join(b.letter('K'), b.u8(0), b.u64(9n), b.u64(10n), b.i64(0n), b.u32(8), b.string('h'));
    expect(await give(decided)).toMatchObject([{ kind: 'commitPrepared', gid: 'h', endLsn: 10n }]);
  });

  it('gives a message of no transaction at once', async () => {
    const { give } = assembler();
    expect((await give(b.message('m', '', false, 5n))).map(shapeOf)).toEqual(['message m']);
    await expect(give(b.message('m', '', true, 5n))).rejects.toBeInstanceOf(ProtocolError);
  });

  it.each([
    ['a row outside of a transaction', [relation(), insert('1')]],
    ['a row of an unknown relation', [b.begin(7, 1n), insert('1')]],
    ['a begin after a begin', [b.begin(7, 1n), b.begin(8, 1n)]],
    ['a commit without a begin', [b.commit(1n, 2n)]],
    ['an origin after a row', [b.begin(7, 1n), relation(), insert('1'), b.origin('o', 1n)]],
    ['a stop without a start', [b.streamStop]],
    ['a later part without a first', [b.streamStart(7, false)]],
    ['a first part twice', [b.streamStart(7, true), b.streamStop, b.streamStart(7, true)]],
    ['a commit of what was not streamed', [b.streamCommit(7, 1n, 2n)]],
    ['a begin inside of a stream', [b.streamStart(7, true), b.begin(8, 1n), b.streamStop, b.streamCommit(7, 1n, 2n)]],
    ['a relation cut short inside of a stream', [b.streamStart(7, true), b.letter('R')]],
  ])('refuses %s', async (_, messages) => {
    await expect(assembler().give(...messages)).rejects.toBeInstanceOf(ProtocolError);
  });

  it('throws nothing but its own error, whatever comes in whatever order', async () => {
    const known = [b.begin(7, 1n), b.commit(1n, 2n), b.origin('o', 1n), b.streamStart(7, true), b.streamStart(8, true)];
    const more = [
      b.streamStart(7, false),
      b.streamStop,
      b.streamAbort(7, 7),
      b.streamAbort(7, 8),
      b.streamCommit(7, 1n, 2n),
    ];
    const rows = [relation(), relation(7), insert('1'), insert('1', 7), insert('1', 8), b.message('m', '', false, 1n)];
    const two = [b.prepared('b', 7, 'g', 1n, 2n), b.prepared('P', 7, 'g', 1n, 2n), b.prepared('p', 7, 'g', 1n, 2n)];
    const message = fc.oneof(
      { weight: 20, arbitrary: fc.constantFrom(...known, ...more, ...rows, ...two) },
      { weight: 1, arbitrary: fc.uint8Array({ maxLength: 30 }).map((bytes) => Buffer.from(bytes)) },
    );
    await fc.assert(
      fc.asyncProperty(fc.array(message, { maxLength: 40 }), fc.boolean(), async (messages, skipOrigins) => {
        const { one, give, files } = assembler({ skipOrigins });
        await give(...messages).catch((err: unknown) => expect(err).toBeInstanceOf(ProtocolError));
        await one.close();
        expect(files.size).toBe(0);
      }),
      { numRuns: 2000 },
    );
  });

  it('gives of transactions that overlap, with parts rolled back, just what was committed, in order', async () => {
    type Step = { readonly xid: number; readonly sub: number; readonly what: 'row' | 'undo' | 'commit' | 'abort' };
    const what = fc.oneof(
      { weight: 8, arbitrary: fc.constant('row' as const) },
      fc.constantFrom('undo' as const, 'commit' as const, 'abort' as const),
    );
    const step: fc.Arbitrary<Step> = fc.record({ xid: fc.constantFrom(100, 200, 300), sub: fc.nat(3), what });
    await fc.assert(
      fc.asyncProperty(
        fc.array(step, { maxLength: 60 }),
        fc.constantFrom(0, 40, 10_000),
        async (steps, memoryBytes) => {
          const { give, one, files } = assembler({ memoryBytes });
          const model = new Map<number, { id: string; sub: number }[]>();
          const wanted: string[] = [];
          const got: SourceEvent[] = [];
          let next = 0;
          for (const { xid, sub, what: kind } of steps) {
            const rows = model.get(xid);
            const id = String((next += 1));
            if (kind === 'row') {
              // A number of a subtransaction is used once: after it was undone there is another.
              const subXid = xid + sub + (rows?.filter((row) => row.sub < 0).length ?? 0) * 4;
              const told = rows ? [] : [relation(xid)];
              got.push(...(await give(b.streamStart(xid, !rows), ...told, insert(id, subXid), b.streamStop)));
              model.set(xid, [...(rows ?? []), { id, sub: subXid }]);
            } else if (kind === 'undo' && rows?.length) {
              const { sub: subXid } = rows.at(-1) ?? { sub: xid };
              if (subXid === xid || subXid < 0) continue;
              got.push(...(await give(b.streamAbort(xid, subXid))));
              const left = rows.filter((row) => row.sub !== subXid);
              model.set(xid, [...left, ...rows.filter((row) => row.sub === subXid).map(() => ({ id: '', sub: -1 }))]);
            } else if (kind === 'commit' && rows) {
              got.push(...(await give(b.streamCommit(xid, BigInt(next), BigInt(next) + 1n))));
              wanted.push(...rows.filter((row) => row.sub >= 0).map((row) => row.id));
              model.delete(xid);
            } else if (kind === 'abort' && rows) {
              got.push(...(await give(b.streamAbort(xid, xid))));
              model.delete(xid);
            }
          }
          expect(got.flatMap((event) => (event.kind === 'insert' ? [event.newTuple[0]] : []))).toEqual(wanted);
          await one.close();
          expect(files.size).toBe(0);
        },
      ),
      { numRuns: 500 },
    );
  });
});
