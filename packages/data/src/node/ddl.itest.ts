import { installedDatabases } from '../testing/installed-databases.ts';

/** Before each: a table with a row, one that is not logged, a temporary one. */
const BEFORE = `CREATE TABLE t (id int PRIMARY KEY, v text); INSERT INTO t VALUES (1, 'a'); CREATE UNLOGGED TABLE fast (id int);
  INSERT INTO fast VALUES (1); CREATE TEMP TABLE mine (a int)`;

describe('DDL of users', () => {
  const its = installedDatabases(17);
  const notices: string[] = [];
  beforeEach(async () => {
    notices.length = 0;
    its.user.on('notice', ({ message }) => notices.push(String(message)));
    await its.user.query(`SET client_min_messages = notice; ${BEFORE}`);
  });
  const recorded = async (): Promise<string[]> => {
    const { rows } = await its.admin.query<{ tag: string }>(
      `SELECT what->>'tag' || ' ' || array_to_string(objects, ', ') AS tag FROM windlass.ddl_log ORDER BY id OFFSET 2`,
    );
    return rows.map(({ tag }) => tag);
  };

  it('is refused where nodes would not be equal', async () => {
    const other = /would get other values on each node/;
    const refused: readonly (readonly [string, RegExp])[] = [
      ['ALTER TABLE t ADD u uuid DEFAULT gen_random_uuid()', other],
      ['ALTER TABLE t ADD u serial', other],
      ['ALTER TABLE t ADD u int GENERATED ALWAYS AS IDENTITY', other],
      ['ALTER TABLE fast SET LOGGED', /rows of unlogged table public.fast are on this node alone/],
      ['CREATE TABLE x (LIKE mine)', /made after a temporary one \(mine\)/],
      ['CREATE TABLE x AS SELECT * FROM mine', /made after a temporary one \(mine\)/],
      ['PREPARE q AS SELECT 1; CREATE TABLE x AS EXECUTE q', /EXECUTE cannot be replicated/],
      ['DROP TABLE mine, t', /cannot be dropped by one statement/],
      ['SET search_path = pg_temp; CREATE TABLE x AS SELECT 1 AS a', /search_path begins with pg_temp/],
      ['SET standard_conforming_strings = off; CREATE TABLE x (a text)', /standard_conforming_strings/],
    ];
    for (const [sql, error] of refused) await expect(its.user.query(sql)).rejects.toThrow(error);
    expect(await recorded()).toEqual([]);
  });

  it('is not refused where there are no rows yet, or each node gets the same', async () => {
    await its.user.query(
      `TRUNCATE t; ALTER TABLE t ADD u uuid DEFAULT gen_random_uuid(), ADD s serial; INSERT INTO t VALUES (1, 'a')`,
    );
    await its.user.query(
      'ALTER TABLE t ADD n int DEFAULT 1 + 1, ADD g text GENERATED ALWAYS AS (v) STORED; ALTER TABLE t ALTER n TYPE bigint',
    );
    expect(await recorded()).toHaveLength(3);
  });

  it('that is done on one node alone says so', async () => {
    const said: readonly (readonly [string, string])[] = [
      ['CREATE UNIQUE INDEX CONCURRENTLY i ON t (v)', 'CREATE INDEX'],
      ['DROP INDEX CONCURRENTLY i', 'DROP INDEX'],
      ['CREATE PUBLICATION p', 'CREATE PUBLICATION'],
      ['SET windlass.replicate_ddl = off; CREATE TABLE x (id int PRIMARY KEY)', 'CREATE TABLE'],
    ];
    for (const [sql] of said) await its.user.query(sql);
    expect(notices).toEqual(said.map(([, tag]) => `${tag} is not replicated: it was done on this node alone`));
    expect(await recorded()).toEqual([]);
  });

  it('on temporary tables, and that does nothing, leaves nothing', async () => {
    await its.user.query(
      `CREATE TEMP TABLE a (id int PRIMARY KEY); CREATE INDEX ON a (id); ALTER TABLE a ADD b int; CREATE TEMP TABLE c AS SELECT 1`,
    );
    await its.user.query('CREATE VIEW temporary_too AS SELECT * FROM a');
    await its.user.query('DROP TABLE a CASCADE');
    await its.user.query('DROP TABLE IF EXISTS no_such; CREATE TABLE IF NOT EXISTS t (x int); REINDEX TABLE t');
    expect(await recorded()).toEqual([]);
    expect(notices.filter((one) => one.includes('replicated'))).toEqual([]);
  });

  it('has the role of who did it, whatever a user says', async () => {
    await its.user.query(
      `SET windlass.ddl_by = '["windlass", "public"]'; SET windlass.ddl_dropped = '["x"]'; CREATE TABLE forged (id int PRIMARY KEY)`,
    );
    await its.user.query(`CREATE FUNCTION f() RETURNS text IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
      PERFORM set_config('windlass.ddl_by', '["windlass", "public"]', true); RETURN 'x'; END $$`);
    await its.user.query('CREATE INDEX ON t (f())');
    const { rows } = await its.admin.query(`SELECT DISTINCT what->>'role' AS role FROM windlass.ddl_log`);
    expect(rows).toEqual([{ role: 'alice' }]);
    const lasting = await its.admin.query('SELECT FROM windlass.ddl');
    expect(lasting.rowCount).toBe(0);
  });
});
