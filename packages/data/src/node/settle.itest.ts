import { FORGET_MARGIN } from '../converge/index.ts';
import { installedDatabases, userOf } from '../testing/installed-databases.ts';
import { ANY_MAJOR } from '../testing/real-postgres.ts';
import { describeTable, forget, settle } from './index.ts';

/** A horizon that everything done until now is before, with the margin. */
const later = (): number => Date.now() * 1000 + FORGET_MARGIN + 60_000_000;

describe.each(ANY_MAJOR)('keeping tombstones on Postgres %i', (major) => {
  const its = installedDatabases(major);
  const tombstones = async (): Promise<unknown[]> =>
    (await its.admin.query('SELECT key, node FROM windlass.tombstone ORDER BY key')).rows;

  it('gives them the version of the transaction that deleted', async () => {
    await its.user.query('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t SELECT generate_series(1, 20000)');
    await its.user.query('DELETE FROM t WHERE id < 15000');
    await its.user.query('DELETE FROM t WHERE id = 16000; TRUNCATE t');
    await its.admin.query(
      `CREATE TABLE windlass.before AS SELECT key, pg_xact_commit_timestamp(xmin) AS time FROM windlass.tombstone`,
    );
    expect(await settle(its.admin)).toEqual({ tombstones: 15001, lost: 0, entries: 0 });
    const { rows } = await its.admin.query(`SELECT count(*)::int AS n, count(DISTINCT t.time)::int AS times
      FROM windlass.tombstone t JOIN windlass.before b USING (key) WHERE t.time = b.time AND t.node = 1`);
    expect(rows).toEqual([{ n: 15000, times: 2 }]);
    expect(await settle(its.admin)).toEqual({ tombstones: 0, lost: 0, entries: 0 });
  });

  it('waits for no user, and takes those later that are being written', async () => {
    await its.user.query(
      'CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2); DELETE FROM t; INSERT INTO t VALUES (1)',
    );
    await its.user.query('BEGIN; DELETE FROM t');
    expect(await settle(its.admin)).toMatchObject({ tombstones: 1 });
    await its.user.query('COMMIT');
    expect(await settle(its.admin)).toMatchObject({ tombstones: 1 });
    expect(await tombstones()).toEqual([
      { key: '["1"]', node: 1 },
      { key: '["2"]', node: 1 },
    ]);
  });

  it('says how many have lost their version, and keeps those no more', async () => {
    await its.user.query('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1); DELETE FROM t');
    await its.admin.query('VACUUM FREEZE');
    for (const database of ['postgres', 'template1']) await (await its.server.client(database)).query('VACUUM FREEZE');
    await its.admin.query('UPDATE windlass.heartbeat SET at = at');
    const { lost, tombstones: settled } = await settle(its.admin);
    // Postgres forgets only what all databases have frozen.
    expect(lost + settled).toBe(1);
    expect(await tombstones()).toHaveLength(settled);
  });

  it('forgets what is older than the horizon with its margin, and what was of tables that are gone', async () => {
    await its.user
      .query(`CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE u (id int PRIMARY KEY); INSERT INTO t VALUES (1); INSERT INTO u VALUES (2);
      DELETE FROM t; DELETE FROM u; TRUNCATE t`);
    expect(await forget(its.admin, later())).toBe(0);
    await settle(its.admin);
    expect(await forget(its.admin, Date.now() * 1000)).toBe(0);
    await its.user.query('DROP TABLE u');
    expect(await forget(its.admin, Date.now() * 1000)).toBe(1);
    expect(await forget(its.admin, -Infinity)).toBe(0);
    expect(await forget(its.admin, later())).toBe(2);
    expect(await tombstones()).toEqual([]);
  });
});

describe.each(ANY_MAJOR)('tables without a key on Postgres %i', (major) => {
  const its = installedDatabases(major);
  const tallies = async (): Promise<unknown[]> =>
    (
      await its.admin
        .query(`SELECT content, "row", certain::int, ARRAY(SELECT (e->>'by')::int FROM jsonb_array_elements(since) e) AS by
        FROM windlass.tally ORDER BY content`)
    ).rows;

  it('count what each transaction did to equal rows, in the order of versions', async () => {
    await its.user.query(`CREATE TABLE l (b text, a int, g int GENERATED ALWAYS AS (a) STORED)`);
    await its.user.query(`INSERT INTO l VALUES ('x', 1), ('x', 1), (NULL, 2)`);
    await its.user.query(`UPDATE l SET b = 'y' WHERE a = 1`);
    await its.user.query(`DELETE FROM l WHERE a = 2`);
    expect(await settle(its.admin)).toMatchObject({ entries: 5 });
    expect(await tallies()).toEqual([
      { content: '["1","x"]', row: { a: '1', b: 'x' }, certain: null, by: [2, -2] },
      { content: '["1","y"]', row: { a: '1', b: 'y' }, certain: null, by: [2] },
      { content: '["2",null]', row: { a: '2', b: null }, certain: null, by: [1, -1] },
    ]);
    expect((await describeTable(its.admin, { schema: 'public', relation: 'l' }))?.content).toEqual(['a', 'b']);
  });

  it('of one transaction are one entry, and of a truncate nothing before it', async () => {
    await its.user.query(
      'CREATE TABLE l (a int); BEGIN; INSERT INTO l VALUES (1); INSERT INTO l VALUES (1); DELETE FROM l; COMMIT',
    );
    await settle(its.admin);
    expect(await tallies()).toMatchObject([{ by: [0] }]);
    await its.user.query('BEGIN; INSERT INTO l VALUES (1); TRUNCATE l; INSERT INTO l VALUES (1), (1); COMMIT');
    await settle(its.admin);
    expect(await tallies()).toMatchObject([{ by: [2] }]);
  });

  it('count in partitions, too', async () => {
    await its.user
      .query(`CREATE TABLE p (a int) PARTITION BY LIST (a); CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1);
      CREATE TABLE p2 PARTITION OF p FOR VALUES IN (2); INSERT INTO p VALUES (1), (1), (2); UPDATE p SET a = 2 WHERE a = 1; DELETE FROM p2`);
    const { rows } = await its.admin
      .query(`SELECT relation::regclass::text AS of, content, sum(by)::int AS by FROM windlass.tally_entry
      GROUP BY 1, 2 ORDER BY 1`);
    expect(rows).toEqual([
      { of: 'p1', content: '["1"]', by: 0 },
      { of: 'p2', content: '["2"]', by: 0 },
    ]);
  });

  it('do not make writers wait for one another', async () => {
    await its.user.query('CREATE TABLE l (a int)');
    await its.user.query('BEGIN; INSERT INTO l VALUES (1)');
    const other = await userOf(its.server, its.database);
    await other.query(`SET lock_timeout = '1s'; INSERT INTO l VALUES (1)`);
    expect(await settle(its.admin)).toMatchObject({ entries: 1 });
    await its.user.query('COMMIT');
    expect(await settle(its.admin)).toMatchObject({ entries: 1 });
    expect(await tallies()).toMatchObject([{ by: [1, 1] }]);
  });

  it('forget what nothing can come before any more', async () => {
    await its.user.query('CREATE TABLE l (a int); INSERT INTO l VALUES (1), (2)');
    await settle(its.admin);
    await its.admin
      .query(`UPDATE windlass.tally SET certain = 0, since = '[{"time": 5, "node": 2, "by": -3}, {"time": 6, "node": 2, "by": 2}]' || since
      WHERE content = '["1"]'`);
    await forget(its.admin, FORGET_MARGIN + 7);
    expect(await tallies()).toMatchObject([
      { certain: 2, by: [1] },
      { certain: null, by: [1] },
    ]);
    await forget(its.admin, later());
    expect(await tallies()).toEqual([]);
  });
});
