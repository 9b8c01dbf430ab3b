import { TestNodes } from '../testing/apply/nodes.ts';
import { until } from '../testing/until.ts';

const T =
  'CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE ran (who text, what text); GRANT INSERT ON ran TO PUBLIC';
const COLUMNS = `SELECT string_agg(attname, ',' ORDER BY attnum) FROM pg_attribute WHERE attrelid = to_regclass('t') AND attnum > 0 AND NOT attisdropped`;

describe('DDL of peers', () => {
  const nodes = new TestNodes(3);
  const roles = async (number: number): Promise<void> => {
    await nodes.run(number, `DO $$ BEGIN IF to_regrole('alice') IS NULL THEN CREATE ROLE alice; END IF; END $$`);
    await nodes.run(number, 'GRANT CREATE ON SCHEMA public TO alice');
  };
  beforeAll(() => nodes.start(17));
  afterAll(() => nodes.stop());
  beforeEach(async () => {
    await nodes.begin(T);
    for (const number of [1, 2, 3]) {
      await roles(number);
      await nodes.run(number, 'SET windlass.replicate_ddl = on');
    }
  });
  afterEach(() => nodes.end());

  const stopped = (number: number, peer: number): string | undefined =>
    nodes.node(number).applier.state.peers.get(peer)?.stopped?.error;
  const asAlice = (number: number, sql: string): Promise<void> =>
    nodes.run(number, `SET ROLE alice; ${sql}; RESET ROLE`);
  const columns = async (...numbers: number[]): Promise<string[]> =>
    (await Promise.all(numbers.map((number) => nodes.rows(number, COLUMNS)))).flat();

  it('comes in the order of its transaction, with its rows', async () => {
    await nodes.run(
      1,
      `BEGIN; INSERT INTO t VALUES (1, 'a'); ALTER TABLE t ADD n int DEFAULT 7, DROP COLUMN v; INSERT INTO t VALUES (2, 8);
      ALTER TABLE t RENAME TO u; INSERT INTO u VALUES (3, 9); CREATE TABLE v (id int PRIMARY KEY); INSERT INTO v VALUES (1); DROP TABLE v; COMMIT`,
    );
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM u')).toEqual(['(1,7)', '(2,8)', '(3,9)']);
    expect(await nodes.rows(2, `SELECT to_regclass('t'), to_regclass('v')`)).toEqual(['(,)']);
  });

  it('brings code of users along, which has the rights of its owner in the rows of the same transaction', async () => {
    await asAlice(
      1,
      `BEGIN; CREATE FUNCTION is_alice() RETURNS boolean LANGUAGE sql AS $$ SELECT current_user = 'alice' $$;
      CREATE TABLE coded (id int PRIMARY KEY CHECK (is_alice())); INSERT INTO coded VALUES (1); COMMIT`,
    );
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM coded')).toEqual(['(1)']);
  });

  it('is not done again when its transaction is sent again, whatever rows were in it', async () => {
    await nodes.run(
      1,
      `BEGIN; INSERT INTO t VALUES (1, 'a'); DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY); INSERT INTO t VALUES (5); COMMIT`,
    );
    await nodes.flow(1, 2);
    for (let again = 0; again < 2; again += 1) {
      await nodes.beginAgain(1, 2);
      await nodes.flow(1, 2);
    }
    await nodes.node(2).applier.close();
    nodes.node(2).applier = await nodes.openApplier(2);
    await nodes.beginAgain(1, 2);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(5)']);
  });

  it('does not go round', async () => {
    await nodes.run(1, 'ALTER TABLE t ADD n int');
    await nodes.flowAll();
    await nodes.flowAll();
    expect(await columns(1, 2, 3)).toEqual(Array.from({ length: 3 }, () => '("id,v,n")'));
    expect(await nodes.rows(2, `SELECT node, what->>'tag' FROM windlass.ddl_log`)).toEqual(['(1,"ALTER TABLE")']);
  });

  it('leaves tables watched as where they were made', async () => {
    await asAlice(
      1,
      'CREATE TABLE mine (a int); CREATE TABLE keyed (a int PRIMARY KEY); CREATE TABLE made AS SELECT 1 AS one; ALTER TABLE keyed DROP CONSTRAINT keyed_pkey',
    );
    await nodes.flow(1, 2);
    const watched = `SELECT w.relation::regclass, w.key, c.relreplident, c.relowner::regrole FROM windlass.watched w JOIN pg_class c ON c.oid = w.relation`;
    expect(await nodes.rows(2, watched)).toEqual(await nodes.rows(1, watched));
    expect(await nodes.rows(2, 'SELECT * FROM made')).toEqual(['(1)']);
  });

  it('gives rows the value of a new column that they have where it was added', async () => {
    await nodes.run(1, `INSERT INTO t VALUES (1, 'a')`);
    await nodes.flow(1, 2);
    await nodes.run(
      1,
      `ALTER TABLE t ADD at timestamptz NOT NULL DEFAULT now(), ADD who text DEFAULT current_user || ' it''s "{,}"'`,
    );
    await nodes.flow(1, 2);
    const [there] = await nodes.rows(1, 'SELECT * FROM t');
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual([there]);
    const defaults = `SELECT pg_get_expr(adbin, adrelid) FROM pg_attrdef WHERE adrelid = 't'::regclass`;
    expect(await nodes.rows(2, defaults)).toEqual(await nodes.rows(1, defaults));
  });

  describe('has the rights of who did it', () => {
    const HOSTILE = `CREATE FUNCTION evil() RETURNS text LANGUAGE plpgsql AS $f$ DECLARE c text; BEGIN
        FOREACH c IN ARRAY ARRAY['RESET ROLE', 'SET ROLE windlass', 'RESET SESSION AUTHORIZATION', 'SET SESSION AUTHORIZATION windlass',
          'SET session_replication_role = origin', 'DECLARE c CURSOR WITH HOLD FOR SELECT evil()', 'PREPARE w1 AS SELECT 1', 'DEALLOCATE ALL',
          'CREATE TEMP TABLE pg_class (a int)', 'LISTEN x', 'SET search_path = evil', 'SET enable_seqscan = on', 'SELECT pg_advisory_unlock_all()',
          'CREATE ROLE x SUPERUSER', 'INSERT INTO windlass.ddl (what) VALUES (''{}'')', 'DROP MATERIALIZED VIEW windlass.as_author'] LOOP
          BEGIN EXECUTE c; INSERT INTO public.ran VALUES (current_user, c); EXCEPTION WHEN OTHERS THEN NULL; END;
        END LOOP; RETURN 'x'; END $f$;`;

    it('and nothing of it can get more, or stays in the session', async () => {
      await asAlice(1, `${HOSTILE} CREATE TABLE theirs (id int PRIMARY KEY)`);
      await nodes.flow(1, 2);
      await nodes.run(
        2,
        'SET windlass.replicate_ddl = off; INSERT INTO theirs VALUES (1); SET windlass.replicate_ddl = on',
      );
      await asAlice(1, 'ALTER TABLE theirs ADD x text DEFAULT evil()');
      await nodes.flow(1, 2);
      const ran = await nodes.rows(2, 'SELECT DISTINCT what, who FROM ran');
      expect(ran).toEqual([
        '("SELECT pg_advisory_unlock_all()",alice)',
        '("SET enable_seqscan = on",alice)',
        '("SET search_path = evil",alice)',
      ]);
      const held = `SELECT a.application_name FROM pg_locks l JOIN pg_stat_activity a USING (pid) WHERE l.locktype = 'advisory' AND a.application_name = 'windlass applier'`;
      expect(await nodes.rows(2, held)).toEqual(['("windlass applier")']);
      await nodes.run(1, `INSERT INTO t VALUES (1, 'goes on')`);
      await nodes.flow(1, 2);
      expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1,"goes on")']);
    });

    it('also where they are fewer here', async () => {
      await nodes.run(1, 'ALTER TABLE t OWNER TO alice');
      await asAlice(1, 'ALTER TABLE t ADD n int');
      const events = await nodes.eventsOf(1, 2);
      await nodes.run(2, 'SET windlass.replicate_ddl = off');
      await nodes.node(2).applier.take(1, events.slice(0, events.findIndex(({ kind }) => kind === 'commit') + 1));
      await until(
        async () => (await nodes.rows(2, `SELECT tableowner FROM pg_tables WHERE tablename = 't'`))[0] === '(alice)',
        10_000,
      );
      await nodes.run(2, 'ALTER TABLE t OWNER TO windlass');
      await expect(
        nodes.give(1, 2, events.slice(events.findIndex(({ kind }) => kind === 'commit') + 1)),
      ).rejects.toThrow(/must be owner of table t; .*skip/);
    });

    it('and stops where there is no such role', async () => {
      const CREATE =
        'SET windlass.replicate_ddl = off; CREATE ROLE "only ""here"; GRANT CREATE ON SCHEMA public TO "only ""here"';
      await nodes.run(1, `${CREATE}; SET windlass.replicate_ddl = on`);
      await nodes.run(1, 'SET ROLE "only ""here"; CREATE TABLE x (id int PRIMARY KEY); RESET ROLE');
      await expect(nodes.flow(1, 2)).rejects.toThrow(/there is no role "only "here" here: create it/);
      await nodes.run(2, CREATE);
      await nodes.beginAgain(1, 2);
      await nodes.flow(1, 2);
      expect(await nodes.rows(2, `SELECT tableowner FROM pg_tables WHERE tablename = 'x'`)).toEqual([
        '("only ""here")',
      ]);
      for (const number of [1, 2])
        await nodes.run(
          number,
          'SET windlass.replicate_ddl = off; DROP TABLE x; REVOKE ALL ON SCHEMA public FROM "only ""here"; DROP ROLE "only ""here"',
        );
    });
  });

  describe('of two nodes at once', () => {
    it('passes when it is the very same, and goes on', async () => {
      for (const number of [1, 2])
        await nodes.run(number, 'CREATE TABLE x (id int PRIMARY KEY); ALTER TABLE x ADD n int');
      await nodes.run(2, `INSERT INTO x VALUES (1, 2)`);
      await nodes.flowAll();
      await nodes.run(1, 'ALTER TABLE x DROP COLUMN n');
      await nodes.flowAll();
      for (const number of [1, 2, 3]) expect(await nodes.rows(number, 'SELECT * FROM x')).toEqual(['(1)']);
    });

    it('stops when it is something else, on both, and says what', async () => {
      await nodes.run(1, 'CREATE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$');
      await nodes.run(2, 'CREATE OR REPLACE FUNCTION f() RETURNS int LANGUAGE sql AS $$ SELECT 2 $$');
      const said =
        /CREATE FUNCTION \(function public.f\(\)\) of node . cannot be done here: at the same time there was CREATE FUNCTION/;
      await expect(nodes.flow(1, 2)).rejects.toThrow(said);
      await expect(nodes.flow(2, 1)).rejects.toThrow(said);
      expect(await nodes.rows(1, 'SELECT f()')).toEqual(['(1)']);
    });

    it('waits for what it depends on, when another node has sent that', async () => {
      await nodes.run(1, 'CREATE TABLE x (id int PRIMARY KEY)');
      await nodes.flow(1, 2);
      await nodes.run(2, 'ALTER TABLE x ADD n int');
      await nodes.node(3).applier.take(2, await nodes.eventsOf(2, 3));
      await until(() => (nodes.node(3).applier.state.peers.get(2)?.repeated ?? 0) > 2, 10_000);
      expect(nodes.node(3).applier.state.peers.get(2)).toMatchObject({
        stopped: undefined,
        ddl: { statement: 'ALTER TABLE (table public.x) of node 2' },
      });
      await nodes.flow(1, 3);
      await nodes.until(3, `SELECT FROM pg_attribute WHERE attrelid = to_regclass('public.x') AND attname = 'n'`);
    });
  });

  it('gives way to who holds its locks, and comes again', async () => {
    const reader = await nodes.node(2).server.client(nodes.node(2).database);
    await reader.query('BEGIN; SELECT * FROM t');
    await nodes.run(1, 'ALTER TABLE t ADD n int');
    await nodes.node(2).applier.take(1, await nodes.eventsOf(1, 2));
    const state = nodes.node(2).applier.state.peers.get(1);
    await until(() => (state?.repeated ?? 0) > 0, 10_000);
    expect(state).toMatchObject({ stopped: undefined, ddl: { statement: 'ALTER TABLE (table public.t) of node 1' } });
    await reader.query('COMMIT');
    await nodes.until(2, `SELECT FROM pg_attribute WHERE attrelid = 't'::regclass AND attname = 'n'`);
    await until(() => state?.ddl === undefined, 5000);
  });

  it('that cannot be done here stops the stream, and is tried again', async () => {
    await nodes.run(2, 'SET windlass.replicate_ddl = off; CREATE TABLE x (other text)');
    await nodes.run(1, 'CREATE TABLE x (id int PRIMARY KEY); INSERT INTO x VALUES (1)');
    await expect(nodes.flow(1, 2)).rejects.toThrow(
      /CREATE TABLE \(table public.x and 1 more\) of node 1 cannot be done here: relation "x" already exists; .*skip/,
    );
    expect(stopped(2, 1)).toContain('windlass.replicate_ddl');
    await nodes.run(2, 'DROP TABLE x');
    await nodes.beginAgain(1, 2);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM x')).toEqual(['(1)']);
  });

  it('is done also where rows get their values by it', async () => {
    await nodes.run(1, `INSERT INTO t VALUES (1, 'a')`);
    await nodes.run(
      1,
      'ALTER TABLE t ADD g text GENERATED ALWAYS AS (v) STORED, ADD n int DEFAULT 1 + 1; ALTER TABLE t ALTER n TYPE bigint; REINDEX TABLE t',
    );
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT * FROM t')).toEqual(['(1,a,a,2)']);
  });
});
