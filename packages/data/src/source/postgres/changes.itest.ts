import { readUntil, untilMark } from '../../testing/collect.ts';
import { publishedDatabases } from '../../testing/published-databases.ts';
import { MAJORS } from '../../testing/real-postgres.ts';
import { UNCHANGED, type SourceEvent, type StartOptions } from './index.ts';

/** Without what differs from run to run. */
function shape(event: SourceEvent): unknown[] {
  switch (event.kind) {
    case 'insert':
      return ['insert', event.relation.name, event.newTuple];
    case 'update':
      return ['update', event.relation.name, event.old?.kind, event.old?.tuple, event.newTuple];
    case 'delete':
      return ['delete', event.relation.name, event.old.kind, event.old.tuple];
    case 'truncate':
      return ['truncate', event.relations.map(({ name }) => name).sort(), event.cascade, event.restartIdentity];
    case 'message':
      return ['message', event.prefix, event.content.toString(), event.transactional];
    case 'begin':
      return event.origin ? ['begin', event.origin] : ['begin'];
    case 'commit':
    case 'beginPrepare':
    case 'prepare':
    case 'commitPrepared':
    case 'rollbackPrepared':
      return [event.kind];
  }
}

describe.each(MAJORS)('changes of Postgres %i', (major) => {
  const its = publishedDatabases(major);
  let slots = 0;

  /** What these statements, one after the other, look like in a stream. */
  async function eventsOf(statements: readonly string[], options: Partial<StartOptions> = {}): Promise<SourceEvent[]> {
    const session = await its.server.session(its.database);
    const slot = `s${String((slots += 1))}`;
    await session.createSlot({ name: slot });
    for (const statement of statements) await its.client.query(statement);
    await its.client.query(`SELECT pg_logical_emit_message(false, 'mark', '')`);
    const start = { slot, publications: ['p'], messages: true, ...options };
    const stream = await session.startReplication(start, { spillDirectory: its.server.directory });
    const events = await readUntil(stream, untilMark('mark'));
    await stream.close();
    return events.slice(0, -1);
  }
  const shapesOf = async (...statements: string[]): Promise<unknown[][]> => (await eventsOf(statements)).map(shape);

  it('come in transactions, in order, with their commit times', async () => {
    await its.client.query('CREATE TABLE t (id int PRIMARY KEY, v text)');
    const events = await eventsOf([
      `BEGIN; INSERT INTO t VALUES (1, 'a'); UPDATE t SET v = 'b'; DELETE FROM t; COMMIT`,
      `INSERT INTO t VALUES (2, NULL)`,
      `BEGIN; INSERT INTO t VALUES (3, 'undone'); ROLLBACK`,
    ]);
    expect(events.map(shape)).toEqual([
      ...[['begin'], ['insert', 't', ['1', 'a']], ['update', 't', undefined, undefined, ['1', 'b']]],
      ...[['delete', 't', 'key', ['1', null]], ['commit']],
      ...[['begin'], ['insert', 't', ['2', null]], ['commit']],
    ]);
    const [begin, commit] = [events[0], events[4]];
    if (begin?.kind !== 'begin' || commit?.kind !== 'commit') throw new Error('not a transaction');
    expect([begin.xid, begin.commitLsn, begin.commitTime]).toEqual([commit.xid, commit.commitLsn, commit.commitTime]);
    const told = `SELECT (extract(epoch FROM pg_xact_commit_timestamp('${String(begin.xid)}'::xid)) * 1000000)::bigint AS us`;
    await its.client.query(`BEGIN; ${told}; COMMIT`);
    const { rows } = await its.client.query<{ us: string }>(told);
    expect(begin.commitTime + 946_684_800_000_000n).toBe(BigInt(rows[0]?.us ?? 0));
  });

  it('leave large values out that an update left alone, but for FULL', async () => {
    await its.client.query(
      'CREATE TABLE t (id int PRIMARY KEY, big text, v int); ALTER TABLE t ALTER big SET STORAGE EXTERNAL',
    );
    const big = 'x'.repeat(20_000);
    const [, insert, , , update, , , touched] = await shapesOf(
      `INSERT INTO t VALUES (1, '${big}', 1)`,
      `UPDATE t SET v = 2`,
      `ALTER TABLE t REPLICA IDENTITY FULL; UPDATE t SET v = 3`,
    );
    expect(insert).toEqual(['insert', 't', ['1', big, '1']]);
    expect(update).toEqual(['update', 't', undefined, undefined, ['1', UNCHANGED, '2']]);
    expect(touched).toEqual(['update', 't', 'full', ['1', big, '2'], ['1', UNCHANGED, '3']]);
  });

  it('have the old key when it changed, and the old row with REPLICA IDENTITY FULL', async () => {
    await its.client.query(`CREATE TABLE k (id int PRIMARY KEY, v text); CREATE TABLE f (v text);
      ALTER TABLE f REPLICA IDENTITY FULL; CREATE TABLE i (a int, b int NOT NULL, v text);
      CREATE UNIQUE INDEX i_b ON i (b); ALTER TABLE i REPLICA IDENTITY USING INDEX i_b`);
    const shapes = await shapesOf(
      `BEGIN; INSERT INTO k VALUES (1, 'a'); UPDATE k SET id = 2;
        INSERT INTO f VALUES (NULL); UPDATE f SET v = 'b'; DELETE FROM f;
        INSERT INTO i VALUES (1, 2, 'a'); DELETE FROM i; COMMIT`,
    );
    expect(shapes.slice(1, -1)).toEqual([
      ...[
        ['insert', 'k', ['1', 'a']],
        ['update', 'k', 'key', ['1', null], ['2', 'a']],
      ],
      ...[
        ['insert', 'f', [null]],
        ['update', 'f', 'full', [null], ['b']],
        ['delete', 'f', 'full', ['b']],
      ],
      ...[
        ['insert', 'i', ['1', '2', 'a']],
        ['delete', 'i', 'key', [null, '2', null]],
      ],
    ]);
  });

  it('tell of a truncate with all tables it empties', async () => {
    await its.client.query(`CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (id int PRIMARY KEY REFERENCES a)`);
    const shapes = await shapesOf(`TRUNCATE a CASCADE`, `TRUNCATE b RESTART IDENTITY`);
    expect(shapes.filter(([kind]) => kind === 'truncate')).toEqual([
      ['truncate', ['a', 'b'], true, false],
      ['truncate', ['b'], false, true],
    ]);
  });

  it('have messages in their place, and at once when they are of no transaction', async () => {
    await its.client.query('CREATE TABLE t (id int PRIMARY KEY)');
    const shapes = await shapesOf(`BEGIN; INSERT INTO t VALUES (1); SELECT pg_logical_emit_message(true, 'in', 'a');
      SELECT pg_logical_emit_message(false, 'out', 'b'); INSERT INTO t VALUES (2); COMMIT`);
    expect(shapes).toEqual([
      ...[['message', 'out', 'b', false], ['begin'], ['insert', 't', ['1']]],
      ...[['message', 'in', 'a', true], ['insert', 't', ['2']], ['commit']],
    ]);
  });

  it('know the shape a table had when the row was written, and the names of types', async () => {
    await its.client.query(
      `CREATE SCHEMA "a b"; CREATE TYPE "a b".mood AS ENUM ('ok'); CREATE TABLE "a b".t (id int PRIMARY KEY)`,
    );
    const events = await eventsOf([
      `BEGIN; INSERT INTO "a b".t VALUES (1); ALTER TABLE "a b".t ADD m "a b".mood DEFAULT 'ok'; INSERT INTO "a b".t VALUES (2);
        ALTER TABLE "a b".t RENAME TO u; INSERT INTO "a b".u VALUES (3); COMMIT`,
    ]);
    const inserts = events.filter((event) => event.kind === 'insert');
    expect(inserts.map(({ relation }) => [relation.namespace, relation.name, relation.columns.length])).toEqual([
      ...[
        ['a b', 't', 1],
        ['a b', 't', 2],
        ['a b', 'u', 2],
      ],
    ]);
    expect(inserts[1]?.newTuple).toEqual(['2', 'ok']);
    expect(inserts[1]?.relation.columns[1]?.typeName).toEqual({ namespace: 'a b', name: 'mood' });
    expect(inserts[0]?.relation.columns[0]).toMatchObject({ isKey: true, typeOid: 23, typeModifier: -1 });
  });

  it("say where a transaction was done first, and are left out with origin 'none'", async () => {
    await its.client.query(
      `CREATE TABLE t (id int PRIMARY KEY); SELECT pg_replication_origin_create('from_${String(major)}')`,
    );
    const statements = [
      `SELECT pg_replication_origin_session_setup('from_${String(major)}')`,
      `BEGIN; INSERT INTO t VALUES (1); SELECT pg_replication_origin_xact_setup('0/AB', now()); COMMIT`,
      `SELECT pg_replication_origin_session_reset()`,
      `INSERT INTO t VALUES (2)`,
    ];
    const any = await eventsOf(statements);
    expect(any.map(shape).filter(([kind]) => kind === 'begin')).toEqual([
      ['begin', { name: `from_${String(major)}`, lsn: 0xabn }],
      ['begin'],
    ]);
    await its.client.query('DELETE FROM t');
    const none = await eventsOf(statements, { origin: 'none' });
    expect(none.map(shape)).toEqual([['begin'], ['insert', 't', ['2']], ['commit']]);
    await its.client.query(`SELECT pg_replication_origin_drop('from_${String(major)}')`);
  });

  it.each([2, 3, 4] as const)('are the same in protocol version %i', async (protoVersion) => {
    await its.client.query('CREATE TABLE t (id int PRIMARY KEY, v text)');
    const options = { protoVersion, streaming: 'on', binary: true } as const;
    const statements = [
      `BEGIN; INSERT INTO t VALUES (1, 'a'); UPDATE t SET v = 'b'; DELETE FROM t; COMMIT`,
      `TRUNCATE t`,
    ];
    if (protoVersion === 4 && major < 16) {
      await expect(eventsOf(statements, options)).rejects.toMatchObject({ code: 'operation_not_supported' });
      return;
    }
    const kinds = (await eventsOf(statements, options)).map(({ kind }) => kind);
    expect(kinds).toEqual(['begin', 'insert', 'update', 'delete', 'commit', 'begin', 'truncate', 'commit']);
  });
});
