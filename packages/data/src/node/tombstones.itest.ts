import { installedDatabases } from '../testing/installed-databases.ts';
import { MAJORS } from '../testing/real-postgres.ts';

describe.each(MAJORS)('tombstones on Postgres %i', (major) => {
  const its = installedDatabases(major);
  const keys = async (): Promise<string[]> => {
    const text = `SELECT c.relname || t.key AS one FROM windlass.tombstone t JOIN pg_class c ON c.oid = t.relation ORDER BY 1`;
    return (await its.admin.query<{ one: string }>(text)).rows.map(({ one }) => one);
  };

  it('are left by a delete, of each row once more', async () => {
    await its.user.query(`CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t SELECT generate_series(1, 3);
      DELETE FROM t WHERE id < 3; INSERT INTO t VALUES (1); DELETE FROM t WHERE id = 1`);
    expect(await keys()).toEqual(['t["1"]', 't["2"]']);
  });

  it('are left by an update that changes the key, and by no other', async () => {
    await its.user
      .query(`CREATE TABLE t (v text, a int, b int, PRIMARY KEY (b, a)); INSERT INTO t VALUES ('x', 1, 2), ('y', 3, 4);
      UPDATE t SET v = 'z', a = a; UPDATE t SET a = 5 WHERE a = 1`);
    expect(await keys()).toEqual(['t["2","1"]']);
  });

  it('are left by upserts, merges and cascades that move or delete', async () => {
    await its.user
      .query(`CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE c (id int PRIMARY KEY, t int REFERENCES t ON DELETE CASCADE);
      INSERT INTO t VALUES (1), (2), (3); INSERT INTO c VALUES (7, 1); DELETE FROM t WHERE id = 1;
      INSERT INTO t VALUES (2) ON CONFLICT (id) DO UPDATE SET id = 22;
      MERGE INTO t USING (VALUES (3)) s (id) ON t.id = s.id WHEN MATCHED THEN DELETE`);
    expect(await keys()).toEqual(['c["7"]', 't["1"]', 't["2"]', 't["3"]']);
  });

  it('are not left by what an applier does, nor by what is rolled back', async () => {
    await its.user.query('CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (1), (2)');
    await its.user.query('BEGIN; DELETE FROM t; ROLLBACK');
    await its.admin.query('SET session_replication_role = replica; DELETE FROM t; TRUNCATE t');
    expect(await keys()).toEqual([]);
    expect((await its.admin.query('SELECT FROM windlass.table_tombstone')).rowCount).toBe(0);
  });

  it('have the key that keyOf makes, whatever the session is set to', async () => {
    const values = [`a"\\\n\u0001é🐘`, '2020-01-01 12:00:00+00', '01:00:00', '0.1', '\\x00ff', 't', '{1,2}', 'x  '];
    await its.user.query(`CREATE TABLE t (a text, b timestamptz, c time, d float8, e bytea, f bool, g int[], h char(3),
      PRIMARY KEY (a, b, c, d, e, f, g, h))`);
    await its.user.query('INSERT INTO t VALUES ($1, $2, $3, $4, $5, $6, $7, $8)', values);
    await its.user
      .query(`SET datestyle = 'German'; SET timezone = 'Asia/Tokyo'; SET intervalstyle = iso_8601; SET bytea_output = escape;
      SET extra_float_digits = -15; DELETE FROM t`);
    expect(await keys()).toEqual([`t${JSON.stringify(values)}`]);
  });

  it('are left in tables and columns of hostile names', async () => {
    const name = `"; DROP TABLE t; -- $$ '' é\\`;
    const sql = `"${name.replaceAll('"', '""')}"`;
    const long = 'x'.repeat(63);
    await its.user
      .query(`CREATE SCHEMA ${sql}; CREATE TABLE ${sql}.${sql} (${sql} int, "old_rows" int, "${long}" int, "OLD" int,
      PRIMARY KEY (${sql}, "old_rows", "${long}", "OLD")); CREATE TABLE ${sql}."${long}" (${sql} int);
      INSERT INTO ${sql}.${sql} VALUES (1, 2, 3, 4); INSERT INTO ${sql}."${long}" VALUES (1);
      UPDATE ${sql}.${sql} SET "OLD" = 5; DELETE FROM ${sql}.${sql}; DELETE FROM ${sql}."${long}"`);
    expect(await keys()).toEqual([`${name}["1","2","3","4"]`, `${name}["1","2","3","5"]`]);
    expect((await its.admin.query('SELECT FROM windlass.tally_entry')).rowCount).toBe(2);
  });

  it('are of the partition, whichever table a statement names, also for a row that moves to another', async () => {
    await its.user.query(`CREATE TABLE p (id int, r int, PRIMARY KEY (id, r)) PARTITION BY LIST (r);
      CREATE TABLE p1 PARTITION OF p FOR VALUES IN (1); CREATE TABLE m PARTITION OF p FOR VALUES IN (2) PARTITION BY LIST (r);
      CREATE TABLE p2 (r int, id int, PRIMARY KEY (id, r)); ALTER TABLE m ATTACH PARTITION p2 FOR VALUES IN (2);
      INSERT INTO p VALUES (1, 1), (2, 1), (3, 2), (4, 1); DELETE FROM p WHERE id = 1; DELETE FROM p1 WHERE id = 2;
      DELETE FROM m; UPDATE p SET r = 2 WHERE id = 4`);
    expect(await keys()).toEqual(['p1["1","1"]', 'p1["2","1"]', 'p1["4","1"]', 'p2["3","2"]']);
    await its.user.query('ALTER TABLE m DETACH PARTITION p2; DELETE FROM p2; TRUNCATE p');
    expect(await keys()).toEqual(['p1["1","1"]', 'p1["2","1"]', 'p1["4","1"]', 'p2["3","2"]', 'p2["4","2"]']);
    const truncated = await its.admin.query('SELECT relation::regclass::text AS of FROM windlass.table_tombstone');
    expect(truncated.rows).toEqual([{ of: 'p1' }]);
  });

  it('are of the child whose row it was, when the statement names the parent', async () => {
    await its.user.query(`CREATE TABLE a (id int PRIMARY KEY); CREATE TABLE b (PRIMARY KEY (id)) INHERITS (a);
      INSERT INTO a VALUES (1); INSERT INTO b VALUES (1), (2); DELETE FROM ONLY a; DELETE FROM a WHERE id = 2`);
    expect(await keys()).toEqual(['a["1"]', 'b["2"]']);
  });

  it('are of the newest delete, and a table of its newest truncate', async () => {
    await its.user.query('CREATE TABLE t (id int PRIMARY KEY)');
    await its.admin.query(`INSERT INTO windlass.tombstone SELECT 't'::regclass, '["1"]', '2000-01-01', 2;
      INSERT INTO windlass.table_tombstone SELECT 't'::regclass, '2000-01-01', 2`);
    await its.user.query('INSERT INTO t VALUES (1); DELETE FROM t; TRUNCATE t');
    const { rows } = await its.admin.query(
      `SELECT time, node FROM windlass.tombstone UNION ALL SELECT time, node FROM windlass.table_tombstone`,
    );
    expect(rows).toEqual([
      { time: null, node: null },
      { time: null, node: null },
    ]);
  });
});
