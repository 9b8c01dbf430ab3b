import { TestNodes } from '../testing/apply/nodes.ts';
import { itAlike, MAJORS } from '../testing/real-postgres.ts';
import { NeedsPerson } from './index.ts';

describe.each(MAJORS)('rows applied to Postgres %i', (major) => {
  const nodes = new TestNodes(2);
  beforeAll(() => nodes.start(major));
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  const both = (sql: string): Promise<string[][]> => Promise.all([1, 2].map((number) => nodes.rows(number, sql)));

  it('are whole when a large value was left alone: it is asked for, or something newer is on its way', async () => {
    await nodes.begin(
      `CREATE TABLE t (id int PRIMARY KEY, big text, v text); ALTER TABLE t ALTER big SET STORAGE EXTERNAL`,
    );
    const short = `SELECT id, length(big), left(big, 1) AS big, v FROM t`;
    await nodes.run(1, `INSERT INTO t SELECT i, repeat('a', 9000), 'x' FROM generate_series(1, 3) i`);
    await nodes.flow(1, 2);
    await nodes.run(2, `UPDATE t SET big = repeat('b', 9000) WHERE id = 1`);
    await nodes.run(1, `UPDATE t SET v = 'y' WHERE id < 3`);
    await nodes.run(1, `UPDATE t SET v = 'z' WHERE id = 2`);
    const events = await nodes.eventsOf(1, 2);
    await nodes.run(
      1,
      `BEGIN; UPDATE t SET big = repeat('c', 9000) WHERE id = 3; UPDATE t SET v = 'y' WHERE id = 3; COMMIT`,
    );
    await nodes.give(1, 2, events);
    // Of 1 the row of node 1 is newer, with its own large value; of 2 the first update is superseded.
    expect(await nodes.rows(2, short)).toEqual(['(1,9000,a,y)', '(2,9000,a,z)', '(3,9000,a,x)']);
    await nodes.flow(1, 2);
    await nodes.flow(2, 1);
    const [one, two] = await both(short);
    expect(one).toEqual(['(1,9000,a,y)', '(2,9000,a,z)', '(3,9000,c,y)']);
    expect(two).toEqual(one);
  });

  it('keep names and values of every kind', async () => {
    const name = `o"d'd ü ${'x'.repeat(50)}`;
    const table = `"${name.replaceAll('"', '""')}"`;
    await nodes.begin(`CREATE TYPE mood AS ENUM ('sad', 'very "happy"'); CREATE DOMAIN few AS int[] CHECK (cardinality(VALUE) < 5);
      CREATE TABLE ${table} ("K""ey" text, "Other" numeric, a int[], m mood, ms mood[], d few, j jsonb, b bytea, c char(3), n varchar(4), t timestamptz,
        r int4range, bits bit(3), PRIMARY KEY ("K""ey", "Other"))`);
    await nodes.run(
      1,
      `INSERT INTO ${table} VALUES (E'a\\n"\\\\', 1.50, '{{1,2},{3,NULL}}', 'sad', '{sad,"very \\"happy\\""}', '{1}', '{"a": ["\\""]}', '\\x00ff', 'a', 'b',
      '2026-01-01 00:00:00.123456+02', '[1,5)', '101'), ('', -0.001, '{}', NULL, '{NULL}', NULL, 'null', '', '', '', 'infinity', 'empty', '000')`,
    );
    await nodes.run(1, `INSERT INTO ${table} ("K""ey", "Other") SELECT 'k' || i, i FROM generate_series(1, 2500) i`);
    await nodes.flow(1, 2);
    const [one, two] = await both(`SELECT * FROM ${table}`);
    expect(two).toEqual(one);
    expect(two).toHaveLength(2502);
    await nodes.run(2, `DELETE FROM ${table}`);
    await nodes.flow(2, 1);
    expect(await nodes.rows(1, `SELECT * FROM ${table}`)).toEqual([]);
  });

  it('keep generated and identity columns, also where the number of a row changes', async () => {
    await nodes.begin(
      `CREATE TABLE t (k text PRIMARY KEY, id int GENERATED ALWAYS AS IDENTITY, v int, twice int GENERATED ALWAYS AS (v * 2) STORED)`,
    );
    await nodes.run(1, `INSERT INTO t (k, v) VALUES ('a', 1), ('b', 2)`);
    await nodes.flow(1, 2);
    await nodes.run(
      1,
      `UPDATE t SET v = 5 WHERE k = 'b'; DELETE FROM t WHERE k = 'a'; INSERT INTO t (k, v) VALUES ('a', 7)`,
    );
    await nodes.run(1, `UPDATE t SET id = DEFAULT WHERE k = 'b'`);
    await nodes.flow(1, 2);
    const [one, two] = await both('SELECT * FROM t');
    expect(one).toEqual(['(a,33,7,14)', '(b,49,5,10)']);
    expect(two).toEqual(one);
  });

  it('end as the last of several changes of one transaction, with changes of the key', async () => {
    await nodes.begin(`CREATE TABLE t (id int PRIMARY KEY, v text)`);
    await nodes.run(1, `INSERT INTO t SELECT i, 'a' FROM generate_series(1, 1500) i`);
    await nodes.flow(1, 2);
    await nodes.run(
      1,
      `BEGIN; UPDATE t SET id = -id; UPDATE t SET v = 'b' WHERE id = -1; DELETE FROM t WHERE id < -1000; INSERT INTO t VALUES (1, 'c'), (2, 'c');
      DELETE FROM t WHERE id = 2; COMMIT`,
    );
    await nodes.flow(1, 2);
    const [one, two] = await both('SELECT * FROM t');
    expect(two).toEqual(one);
    expect(one).toHaveLength(1001);
    const tombstones = await both(
      `SELECT key FROM windlass.tombstone t WHERE NOT EXISTS (SELECT FROM t x WHERE t.key = '["' || x.id || '"]')`,
    );
    expect(tombstones[1]).toEqual(tombstones[0]);
  });

  itAlike(
    major,
    'of partitions and of a big transaction are applied while it arrives, and all of it is one transaction',
    async () => {
      await nodes.begin(`CREATE TABLE p (id int, part int, v text, PRIMARY KEY (id, part)) PARTITION BY LIST (part);
      CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2)`);
      await nodes.run(1, `INSERT INTO p SELECT i, 1 + i % 2, repeat('x', 100) FROM generate_series(1, 40000) i`);
      await nodes.run(1, `UPDATE p SET part = 2 WHERE id = 2`);
      await nodes.flow(1, 2);
      const counts = `SELECT part, count(*), count(DISTINCT xmin::text) AS n FROM p GROUP BY 1`;
      expect(await nodes.rows(2, counts)).toEqual(['(1,19999,1)', '(2,20001,2)']);
      await nodes.run(1, `TRUNCATE p2`);
      await nodes.flow(1, 2);
      expect(await nodes.rows(2, counts)).toEqual(['(1,19999,1)']);
    },
  );

  it('are tried again after a deadlock, with their whole transaction', async () => {
    await nodes.begin(`CREATE TABLE t (id int PRIMARY KEY, v text)`);
    await nodes.run(1, `INSERT INTO t VALUES (1, 'a'), (2, 'a')`);
    await nodes.flow(1, 2);
    await nodes.run(1, `BEGIN; UPDATE t SET v = 'b' WHERE id = 1; UPDATE t SET v = 'b' WHERE id = 2; COMMIT`);
    await nodes.run(1, `INSERT INTO t VALUES (3, 'after')`);
    const events = await nodes.eventsOf(1, 2);
    await nodes.run(2, `BEGIN; SET LOCAL deadlock_timeout = '1min'; SELECT FROM t WHERE id = 2 FOR UPDATE`);
    const given = nodes.give(1, 2, events);
    await nodes.untilWaitingForLock(2);
    await nodes.run(2, `SELECT FROM t WHERE id = 1 FOR UPDATE`);
    await nodes.run(2, 'COMMIT');
    await given;
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1,b)', '(2,b)', '(3,after)']);
    expect(nodes.node(2).applier.state.peers.get(1)?.repeated).toBeGreaterThan(0);
  });

  it('that do not fit stop the stream with what to do, and go on when it is done', async () => {
    await nodes.begin(`CREATE TABLE t (id int PRIMARY KEY, v text)`);
    await nodes.run(2, `ALTER TABLE t ADD CHECK (v <> 'bad')`);
    await nodes.run(1, `INSERT INTO t VALUES (1, 'good')`);
    await nodes.run(1, `INSERT INTO t VALUES (2, 'bad')`);
    await nodes.run(1, `CREATE TABLE missing (id int PRIMARY KEY); INSERT INTO missing VALUES (1)`);
    await nodes.run(1, `INSERT INTO t VALUES (3, 'good')`);
    await expect(nodes.flow(1, 2)).rejects.toThrow(
      /public\.t cannot be applied: .*check constraint.*make the constraints/,
    );
    expect(nodes.node(2).applier.state.peers.get(1)?.stopped?.table).toBe('public.t');
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1,good)']);
    await nodes.run(2, `ALTER TABLE t DROP CONSTRAINT t_v_check`);
    await nodes.beginAgain(1, 2);
    await expect(nodes.flow(1, 2)).rejects.toThrow('there is no table public.missing here');
    await nodes.run(2, `CREATE TABLE missing (id int PRIMARY KEY)`);
    await nodes.beginAgain(1, 2);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1,good)', '(2,bad)', '(3,good)']);
    expect(await nodes.rows(2, 'SELECT * FROM missing')).toEqual(['(1)']);
    expect(nodes.node(2).applier.state.peers.get(1)?.stopped).toBeUndefined();
    expect(new NeedsPerson(undefined, '')).toBeInstanceOf(Error);
  });

  it('stop the stream when a column of their key is generated here', async () => {
    await nodes.begin(`CREATE TABLE t (id int PRIMARY KEY, g int)`);
    await nodes.run(2, `DROP TABLE t; CREATE TABLE t (id int, g int GENERATED ALWAYS AS (id) STORED PRIMARY KEY)`);
    await nodes.run(1, `INSERT INTO t VALUES (1, 1)`);
    await expect(nodes.flow(1, 2)).rejects.toThrow('public.t has the key column "g"');
  });

  it('lack a column that was dropped here', async () => {
    await nodes.begin(`CREATE TABLE t (id int PRIMARY KEY, v text, w text)`);
    await nodes.run(1, `INSERT INTO t VALUES (1, 'v', 'w')`);
    await nodes.flow(1, 2);
    await nodes.run(1, `UPDATE t SET v = 'x'`);
    await nodes.run(2, `ALTER TABLE t DROP COLUMN w`);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1,x)']);
    await nodes.run(1, `ALTER TABLE t ADD COLUMN y int, ADD COLUMN z int; UPDATE t SET y = 1`);
    await expect(nodes.flow(1, 2)).rejects.toThrow('public.t has no column "y", "z": make');
  });

  it('are applied once though their stream is sent again, and go on with another applier', async () => {
    await nodes.begin(`CREATE TABLE t (id int PRIMARY KEY, n int)`);
    await nodes.run(1, 'INSERT INTO t VALUES (1, 1)');
    await nodes.run(1, 'INSERT INTO t VALUES (2, 1)');
    await nodes.flow(1, 2);
    await nodes.run(2, 'UPDATE t SET n = 2');
    await nodes.node(2).applier.close();
    nodes.node(2).applier = await nodes.openApplier(2);
    await nodes.run(1, 'INSERT INTO t VALUES (3, 1)');
    await nodes.beginAgain(1, 2);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1,2)', '(2,2)', '(3,1)']);
    // The transaction at the progress is applied again, as it may not have been: it changes nothing.
    expect(nodes.node(2).applier.state.peers.get(1)).toMatchObject({ applied: 2, rejected: 1 });
  });

  it('are not applied while another applier is there, and that one is closed at once', async () => {
    await nodes.begin(`CREATE TABLE t (id int PRIMARY KEY)`);
    const second = await nodes.openApplier(2);
    await nodes.until(
      2,
      `SELECT FROM pg_stat_activity WHERE application_name = 'windlass applier' AND query ~ 'pg_try_advisory_lock|end_strangers'`,
    );
    const began = performance.now();
    await second.close();
    expect(performance.now() - began).toBeLessThan(1000);
    await nodes.until(
      2,
      `SELECT FROM pg_stat_activity WHERE application_name = 'windlass applier' HAVING count(*) = 1`,
    );
    await nodes.run(1, `INSERT INTO t VALUES (1)`);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1)']);
  });

  it('are not what a message says: a marker moves the progress, and any other does nothing', async () => {
    await nodes.begin('CREATE TABLE log (v text)');
    const { user } = nodes.node(2);
    const progress = async (): Promise<unknown> =>
      (await user.query(`SELECT pg_replication_origin_progress('windlass_n1', true) AS at`)).rows;
    const before = await progress();
    await nodes.run(
      1,
      `SELECT pg_logical_emit_message(true, 'windlass.sync', ''), pg_logical_emit_message(true, 'of a user', ''),
        pg_logical_emit_message(true, 'windlass.delete', '{"schema": "public", "name": "log", "key": []}')`,
    );
    await nodes.flow(1, 2);
    expect(await progress()).not.toEqual(before);
  });
});
