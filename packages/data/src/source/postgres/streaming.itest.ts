import { readUntil, untilMark } from '../../testing/collect.ts';
import { publishedDatabases } from '../../testing/published-databases.ts';
import { itAlike, MAJORS } from '../../testing/real-postgres.ts';
import type { ReplicationStream, SourceEvent, StartOptions } from './index.ts';

const ROWS = 5000;
/** More than `logical_decoding_work_mem`, so that the server sends it before its commit. */
const fill = (from: number, text = 'x'): string =>
  `INSERT INTO t SELECT n, repeat('${text}', 100) FROM generate_series(${String(from)}, ${String(from + ROWS - 1)}) n;`;
const keysOf = (events: readonly SourceEvent[]): number[] =>
  events.flatMap((event) => (event.kind === 'insert' ? [Number(event.newTuple[0])] : []));
const range = (from: number, count = ROWS): number[] => Array.from({ length: count }, (_, i) => from + i);

describe.each(MAJORS)('transactions of Postgres %i that are sent before their commit', (major) => {
  const its = publishedDatabases(major, 'CREATE TABLE t (id int PRIMARY KEY, v text)');
  const ways = (
    [
      ['on', 2],
      ['on', 3],
      ['parallel', 4],
    ] as const
  ).filter(([, proto]) => proto < 4 || major >= 16);

  async function open(options: Partial<StartOptions>): Promise<ReplicationStream> {
    const session = await its.server.session(its.database);
    await session.createSlot({ name: `of_${its.database}`, twoPhase: options.twoPhase ?? false });
    const start = { slot: `of_${its.database}`, publications: ['p'], messages: true, ...options };
    return session.startReplication(start, { spillDirectory: its.server.directory, memoryBytes: 10_000 });
  }
  const mark = (name: string) => its.client.query(`SELECT pg_logical_emit_message(false, '${name}', '')`);
  /** Until a message that no transaction holds back has come. */
  async function readToMark(stream: AsyncIterable<readonly SourceEvent[], void>, name: string): Promise<SourceEvent[]> {
    await mark(name);
    return (await readUntil(stream, untilMark(name))).slice(0, -1);
  }

  it.each(ways)(
    'come whole and at their commit, from disk (streaming %s, version %i)',
    async (streaming, protoVersion) => {
      const stream = await open({ streaming, protoVersion });
      await its.client.query(`BEGIN; ${fill(1)}`);
      const other = await its.server.client(its.database);
      await other.query(`INSERT INTO t VALUES (0, 'first')`);
      const reading = stream[Symbol.asyncIterator]();
      const before = await readUntil(reading, ({ kind }) => kind === 'commit');
      expect(before.map(({ kind }) => kind)).toEqual(['begin', 'insert', 'commit']);
      expect(stream.state.spilledBytes).toBeGreaterThan(100 * ROWS * 0.8);
      await its.client.query(`${fill(ROWS + 1)} COMMIT`);
      const events = await readToMark(reading, 'end');
      expect(keysOf(events)).toEqual([...range(1), ...range(ROWS + 1)]);
      expect(events[0]).toMatchObject({ kind: 'begin', streamed: true });
      expect(events.at(-1)).toMatchObject({ kind: 'commit' });
      expect(stream.state.spilledBytes).toBe(0);
      await stream.close();
    },
  );

  it.each(ways)('have no row of what was rolled back (streaming %s, version %i)', async (streaming, protoVersion) => {
    const stream = await open({ streaming, protoVersion });
    await its.client.query(`BEGIN; ${fill(1)} SAVEPOINT a; ${fill(10_001)} SAVEPOINT b; ${fill(20_001)}
      ROLLBACK TO a; ${fill(30_001)} SAVEPOINT c; ${fill(40_001)} RELEASE c; COMMIT`);
    await its.client.query(`BEGIN; ${fill(50_001)} ROLLBACK`);
    await its.client.query(`DO $$ BEGIN FOR i IN 60001..60200 LOOP BEGIN
      INSERT INTO t SELECT i * 10 + n, repeat('x', 100) FROM generate_series(0, 9) n; IF i % 2 = 0 THEN RAISE 'no'; END IF;
      EXCEPTION WHEN OTHERS THEN NULL; END; END LOOP; END $$`);
    const keys = keysOf(await readToMark(stream, 'end'));
    const { rows } = await its.client.query<{ id: number }>('SELECT id FROM t ORDER BY id');
    expect(keys.sort((x, y) => x - y)).toEqual(rows.map(({ id }) => id));
    expect(stream.state.spilledBytes).toBe(0);
    await stream.close();
  });

  it('keep the shape of a table whose first row was rolled back', async () => {
    const stream = await open({ streaming: 'on', protoVersion: 2 });
    await its.client.query(
      `BEGIN; SAVEPOINT a; ${fill(1)} ROLLBACK TO a; ${fill(10_001)} COMMIT; INSERT INTO t VALUES (0, '')`,
    );
    expect(keysOf(await readToMark(stream, 'end'))).toEqual([...range(10_001), 0]);
    await stream.close();
  });

  it('follow DDL inside of them', async () => {
    const stream = await open({ streaming: 'on', protoVersion: 2 });
    await its.client.query(`BEGIN; ${fill(1)} ALTER TABLE t ADD w int DEFAULT 7; ${fill(10_001)}
      SAVEPOINT a; ALTER TABLE t DROP w; ${fill(20_001)} ROLLBACK TO a; ${fill(30_001)} COMMIT; INSERT INTO t VALUES (0, '')`);
    const inserts = (await readToMark(stream, 'end')).filter((event) => event.kind === 'insert');
    const widths = inserts.map(({ relation, newTuple }) => [
      Number(newTuple[0]),
      relation.columns.length,
      newTuple.length,
    ]);
    const wanted = (from: number, width: number) => range(from).map((id) => [id, width, width]);
    expect(widths).toEqual([...wanted(1, 2), ...wanted(10_001, 3), ...wanted(30_001, 3), [0, 3, 3]]);
    await stream.close();
  });

  itAlike(major, 'need no more memory when they are big', async () => {
    const stream = await open({ streaming: 'on', protoVersion: 2 });
    const rows = 100_000;
    await its.client.query(`INSERT INTO t SELECT n, repeat('x', 1900) FROM generate_series(1, ${String(rows)}) n`);
    await mark('end');
    const before = process.memoryUsage.rss();
    let [count, spilled, most] = [0, 0, before];
    for await (const events of stream) {
      count += events.filter(({ kind }) => kind === 'insert').length;
      spilled = Math.max(spilled, stream.state.spilledBytes);
      most = Math.max(most, process.memoryUsage.rss());
      if (events.some(untilMark('end'))) break;
    }
    expect([count, spilled > 1900 * rows]).toEqual([rows, true]);
    expect(most - before).toBeLessThan(120_000_000);
  });

  it('come in the order of their commits when they overlap', async () => {
    const stream = await open({ streaming: 'on', protoVersion: 2 });
    const other = await its.server.client(its.database);
    await its.client.query(`BEGIN; ${fill(1)}`);
    await other.query(`BEGIN; ${fill(100_001)}`);
    await its.client.query(fill(10_001));
    await other.query('COMMIT');
    await its.client.query('COMMIT');
    expect(keysOf(await readToMark(stream, 'end'))).toEqual([...range(100_001), ...range(1), ...range(10_001)]);
    await stream.close();
  });

  it('are left out when they have an origin and none is asked for', async () => {
    const name = `origin_${its.database}`;
    await its.client.query(`SELECT pg_replication_origin_create('${name}')`);
    const stream = await open({ streaming: 'on', protoVersion: 2, origin: 'none' });
    const other = await its.server.client(its.database);
    await other.query(`SELECT pg_replication_origin_session_setup('${name}')`);
    await other.query(`BEGIN; ${fill(1)} SELECT pg_replication_origin_xact_setup('0/AB', now()); COMMIT`);
    await its.client.query(fill(10_001));
    expect(keysOf(await readToMark(stream, 'end'))).toEqual(range(10_001));
    await stream.close();
  });

  it('keep a message of a subtransaction that was rolled back: the server does not say whose it is', async () => {
    const stream = await open({ streaming: 'on', protoVersion: 2 });
    await its.client
      .query(`BEGIN; ${fill(1)} SAVEPOINT a; SELECT pg_logical_emit_message(true, 'undone', ''); ${fill(10_001)}
      ROLLBACK TO a; COMMIT`);
    const events = await readToMark(stream, 'end');
    expect(keysOf(events)).toEqual(range(1));
    expect(events.filter((event) => event.kind === 'message')).toHaveLength(1);
    await stream.close();
  });

  it.each([0, 1])('are prepared, and then committed or rolled back (streamed: %i)', async (streamed) => {
    const stream = await open({ streaming: streamed ? 'on' : 'off', protoVersion: 3, twoPhase: true });
    const small = `INSERT INTO t VALUES (1, 'a');`;
    const name = (what: string): string => `${what}_${its.database}`;
    for (const what of ['kept', 'undone']) {
      await its.client.query(`BEGIN; ${streamed ? fill(1) : small} PREPARE TRANSACTION '${name(what)}'`);
      await its.client.query(`${what === 'kept' ? 'COMMIT' : 'ROLLBACK'} PREPARED '${name(what)}'`);
      await its.client.query('TRUNCATE t');
    }
    const events = (await readToMark(stream, 'end')).filter(({ kind }) => /[pP]repare/.test(kind));
    expect(events).toMatchObject([
      { kind: 'beginPrepare', gid: name('kept'), streamed: Boolean(streamed) },
      { kind: 'prepare', gid: name('kept') },
      { kind: 'commitPrepared', gid: name('kept') },
      { kind: 'beginPrepare', gid: name('undone') },
      { kind: 'prepare', gid: name('undone') },
      { kind: 'rollbackPrepared', gid: name('undone') },
    ]);
    await stream.close();
  });
});
