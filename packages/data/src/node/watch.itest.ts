import { installedDatabases, withEventTriggers } from '../testing/installed-databases.ts';
import { MAJORS } from '../testing/real-postgres.ts';
import { describeTable } from './index.ts';

describe.each(MAJORS)('what DDL makes on Postgres %i is watched in the same statement', (major) => {
  const its = installedDatabases(major);
  const unwatched = async (): Promise<unknown[]> => (await its.admin.query('SELECT * FROM windlass.unwatched()')).rows;
  const identityOf = async (table: string): Promise<unknown> =>
    (await its.admin.query<{ as: string }>('SELECT relreplident AS as FROM pg_class WHERE oid = $1::regclass', [table]))
      .rows[0]?.as;

  /** Each leaves a table `t` with or without a key. */
  it.each([
    ['CREATE TABLE', 'CREATE TABLE t (a int)', 'f'],
    ['CREATE TABLE AS', 'CREATE TABLE t AS SELECT 1 AS a', 'f'],
    ['SELECT INTO', 'SELECT 1 AS a INTO t', 'f'],
    ['LIKE', 'CREATE TABLE s (a int PRIMARY KEY); CREATE TABLE t (LIKE s INCLUDING ALL)', 'd'],
    ['a schema with its tables', 'CREATE SCHEMA s CREATE TABLE t (a int); ALTER TABLE s.t SET SCHEMA public', 'f'],
    ['a key that is dropped', 'CREATE TABLE t (a int PRIMARY KEY); ALTER TABLE t DROP CONSTRAINT t_pkey', 'f'],
    ['a key that is added', 'CREATE TABLE t (a int); INSERT INTO t VALUES (3); ALTER TABLE t ADD PRIMARY KEY (a)', 'd'],
    ['FULL by a user stays', 'CREATE TABLE t (a int PRIMARY KEY); ALTER TABLE t REPLICA IDENTITY FULL', 'f'],
    ['NOTHING does not', 'CREATE TABLE t (a int PRIMARY KEY); ALTER TABLE t REPLICA IDENTITY NOTHING', 'd'],
    ['NOTHING without a key', 'CREATE TABLE t (a int); ALTER TABLE t REPLICA IDENTITY NOTHING', 'f'],
    ['DEFAULT without a key', 'CREATE TABLE t (a int); ALTER TABLE t REPLICA IDENTITY DEFAULT', 'f'],
    ['a deferrable key identifies nothing', 'CREATE TABLE t (a int PRIMARY KEY DEFERRABLE)', 'f'],
    [
      'an index',
      'CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t REPLICA IDENTITY USING INDEX i',
      'i',
    ],
    [
      'an index that is dropped',
      'CREATE TABLE t (a int NOT NULL); CREATE UNIQUE INDEX i ON t (a); ALTER TABLE t REPLICA IDENTITY USING INDEX i; DROP INDEX i',
      'f',
    ],
    ['a column of the key', 'CREATE TABLE t (a int, b int, PRIMARY KEY (a, b)); ALTER TABLE t DROP COLUMN b', 'f'],
    [
      'a type of the key',
      `CREATE TYPE e AS ENUM ('1'); CREATE TABLE t (e e PRIMARY KEY, a int); DROP TYPE e CASCADE`,
      'f',
    ],
    ['other names by other words', 'CREATE TABLE t (b int PRIMARY KEY); ALTER VIEW t RENAME COLUMN b TO a', 'd'],
    ['other types', 'CREATE TABLE t (a int PRIMARY KEY); ALTER TABLE t ALTER a TYPE bigint', 'd'],
    [
      'columns of its type',
      'CREATE TYPE ct AS (b int); CREATE TABLE t OF ct; ALTER TYPE ct ADD ATTRIBUTE a int CASCADE',
      'f',
    ],
    [
      'columns of its parent',
      'CREATE TABLE s (b int); CREATE TABLE t () INHERITS (s); ALTER TABLE s RENAME b TO a',
      'f',
    ],
    ['a new logged table', 'CREATE UNLOGGED TABLE t (a int); ALTER TABLE t SET LOGGED', 'f'],
    ['switched off triggers', 'CREATE TABLE t (a int PRIMARY KEY); ALTER TABLE t DISABLE TRIGGER ALL', 'd'],
    ['a dropped trigger', 'CREATE TABLE t (a int PRIMARY KEY); DROP TRIGGER windlass_delete ON t', 'd'],
    ['a renamed trigger', 'CREATE TABLE t (a int PRIMARY KEY); ALTER TRIGGER windlass_delete ON t RENAME TO x', 'd'],
    [
      'in a transaction with open events',
      `CREATE TABLE s (a int PRIMARY KEY DEFERRABLE); BEGIN; INSERT INTO s VALUES (1); CREATE TABLE t (PRIMARY KEY (a)) INHERITS (s); COMMIT`,
      'd',
    ],
  ])('%s', async (_, ddl, identity) => {
    await its.user.query(ddl);
    expect(await unwatched()).toEqual([]);
    expect(await identityOf('t')).toBe(identity);
    await its.user.query(
      'INSERT INTO t (a) VALUES (1), (2); UPDATE t SET a = 7 WHERE a = 1; DELETE FROM t WHERE a = 2',
    );
    const { rows } = await its.admin.query<{ said: string }>(
      `SELECT key AS said FROM windlass.tombstone WHERE relation = 't'::regclass
      UNION ALL SELECT content || sum(by) FROM windlass.tally_entry WHERE relation = 't'::regclass GROUP BY content HAVING sum(by) <> 0`,
    );
    const said = rows.map((row) => row.said).sort();
    if ((await describeTable(its.admin, { schema: 'public', relation: 't' }))?.key.length)
      expect(said).toEqual(['["1"]', '["2"]']);
    else expect(said.filter((one) => one.includes('"7"'))).toHaveLength(1);
  });

  it('an applier carries out DDL of a peer', async () => {
    await withEventTriggers(its.admin);
    await its.admin.query('SET session_replication_role = replica; CREATE TABLE t (a int)');
    expect(await unwatched()).toEqual([]);
  });

  it('and nothing is left of a table that is dropped but what is forgotten later', async () => {
    await its.user.query('CREATE TABLE t (a int PRIMARY KEY); INSERT INTO t VALUES (1); DELETE FROM t; DROP TABLE t');
    const left = await its.admin.query(`SELECT FROM windlass.watched UNION ALL
      SELECT FROM pg_proc WHERE pronamespace = 'windlass'::regnamespace AND proname LIKE 'on_change%'`);
    expect(left.rowCount).toBe(0);
  });

  it('and tables that do not replicate are left alone', async () => {
    await its.user.query(
      'CREATE TEMP TABLE t (a int); CREATE UNLOGGED TABLE u (a int); CREATE TABLE v (a int); ALTER TABLE v SET UNLOGGED',
    );
    expect((await its.admin.query(`SELECT FROM pg_trigger WHERE tgname LIKE 'windlass%'`)).rowCount).toBe(0);
    expect(await unwatched()).toEqual([]);
  });

  it('and triggers of users for DDL see nothing of it', async () => {
    await withEventTriggers(its.admin);
    await its.admin
      .query(`CREATE TABLE public.seen (tag text); GRANT INSERT ON public.seen TO alice; CREATE FUNCTION public.see() RETURNS event_trigger LANGUAGE plpgsql
      AS 'BEGIN INSERT INTO public.seen VALUES (tg_tag); END'; CREATE EVENT TRIGGER see ON ddl_command_end EXECUTE FUNCTION public.see()`);
    await its.user.query('CREATE TABLE t (a int); ALTER TABLE t ADD PRIMARY KEY (a)');
    const { rows } = await its.admin.query('SELECT tag FROM public.seen');
    expect(rows).toEqual([{ tag: 'CREATE TABLE' }, { tag: 'ALTER TABLE' }]);
  });

  it('and what was remembered under another key, or other columns, is forgotten', async () => {
    await its.user.query('CREATE TABLE t (a int PRIMARY KEY, b int)');
    await its.admin.query(`INSERT INTO windlass.late_recheck VALUES ('t'::regclass, '["1"]', now(), 2, '3')`);
    await its.user.query(`INSERT INTO t VALUES (1, 1); DELETE FROM t; INSERT INTO t VALUES (1, 1);
      ALTER TABLE t DROP CONSTRAINT t_pkey; ALTER TABLE t ADD PRIMARY KEY (b); CREATE TABLE l (a int); INSERT INTO l VALUES (1); ALTER TABLE l ADD b int`);
    const left = await its.admin.query(
      'SELECT FROM windlass.tombstone UNION ALL SELECT FROM windlass.tally_entry UNION ALL SELECT FROM windlass.late_recheck',
    );
    expect(left.rowCount).toBe(0);
  });

  if (major >= 18)
    it('and a table that cannot replicate is refused, or Postgres would forbid changes of it', async () => {
      const virtual = 'b int GENERATED ALWAYS AS (a) VIRTUAL';
      await expect(its.user.query(`CREATE TABLE t (a int, ${virtual})`)).rejects.toThrow(
        'virtual generated column and no primary key',
      );
      await its.user.query(`CREATE TABLE t (a int PRIMARY KEY, ${virtual}); ALTER TABLE t REPLICA IDENTITY FULL;
        CREATE TABLE u (a int, b int GENERATED ALWAYS AS (a) STORED); INSERT INTO t VALUES (1); INSERT INTO u VALUES (1);
        UPDATE t SET a = 2; DELETE FROM t; UPDATE u SET a = 2; DELETE FROM u`);
      expect(await identityOf('t')).toBe('d');
    });
});
