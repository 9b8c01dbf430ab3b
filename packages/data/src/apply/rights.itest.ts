import { TestNodes } from '../testing/apply/nodes.ts';
import { userOf } from '../testing/installed-databases.ts';
import { MAJORS } from '../testing/real-postgres.ts';
import { clientOf, LOCKS, tryLock } from '../sql/index.ts';

/** What a hostile user does wherever a function of theirs runs: notes as whom, and tries everything that could give more rights or outlive the call. */
const EVIL = `
CREATE TABLE public.ran (as_whom text, what text); GRANT INSERT ON public.ran TO PUBLIC;
GRANT CREATE ON SCHEMA public TO alice; CREATE SCHEMA evil AUTHORIZATION alice; CREATE TABLE public.secret (id int PRIMARY KEY);
SET SESSION AUTHORIZATION alice;
CREATE FUNCTION evil.note(what text) RETURNS int LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ran VALUES (current_user, what); RETURN 1; END $$;
CREATE FUNCTION evil.try(statement text) RETURNS void LANGUAGE plpgsql AS $$ BEGIN EXECUTE statement;
EXCEPTION WHEN OTHERS THEN NULL; END $$;
CREATE FUNCTION evil.attack(what text) RETURNS int LANGUAGE plpgsql AS $$ DECLARE one text; BEGIN
  IF current_setting('application_name') NOT LIKE 'windlass%' THEN RETURN 1; END IF;
  PERFORM evil.note(what);
  FOREACH one IN ARRAY ARRAY['RESET ROLE', 'SET ROLE windlass', 'SET ROLE windlass_replicator', 'SET SESSION AUTHORIZATION windlass', 'RESET SESSION AUTHORIZATION',
    'CREATE ROLE mallory SUPERUSER', 'ALTER ROLE alice SUPERUSER', 'DELETE FROM windlass.tombstone', 'INSERT INTO windlass.skipped VALUES (1, ''0/1'', ''me'')',
    'INSERT INTO public.secret VALUES (666)', 'SELECT pg_replication_origin_session_reset()', 'SELECT windlass_code.as_10(''SELECT 1'', false)', 'ALTER FUNCTION windlass_code.as_' || current_user::regrole::oid || ' SECURITY INVOKER',
    'SET session_replication_role = origin', 'SET search_path = evil, pg_catalog', 'SET array_nulls = off',
    'DECLARE c' || (random() * 1e9)::int || ' CURSOR WITH HOLD FOR SELECT evil.note(''held cursor'')',
    'CREATE TEMP TABLE timestamptz (a int)', 'CREATE DOMAIN pg_temp.int4 AS text CHECK (evil.note(''temporary type'') > 0)',
    'CREATE FUNCTION evil.eq(text, text) RETURNS bool LANGUAGE sql AS ''SELECT evil.note(''''operator'''') > 0''',
    'CREATE OPERATOR evil.= (LEFTARG = text, RIGHTARG = text, FUNCTION = evil.eq)'] LOOP
    PERFORM evil.try(one);
  END LOOP;
  FOR one IN SELECT name FROM pg_prepared_statements LOOP
    EXECUTE format('DEALLOCATE %I', one);
    EXECUTE format('PREPARE %I AS SELECT evil.note(''prepared'')', one);
  END LOOP;
  RETURN 1;
END $$;
CREATE FUNCTION evil.quiet(what text) RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.attack(what); RETURN 1; END $$;
CREATE FUNCTION evil.fire() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.attack('trigger ' || TG_NAME); RETURN coalesce(NEW, OLD); END $$;
CREATE DOMAIN evil.d AS text CHECK (evil.quiet('domain') > 0);
`;

describe.each(MAJORS)('code of users on Postgres %i', (major) => {
  const nodes = new TestNodes(2);
  beforeAll(async () => {
    await nodes.start(major);
    await nodes.asSuperuser('CREATE ROLE alice');
  });
  afterAll(() => nodes.stop());
  afterEach(() => nodes.end());

  const asAlice = (number: number, sql: string): Promise<void> =>
    nodes.run(number, `SET SESSION AUTHORIZATION alice; ${sql}; RESET SESSION AUTHORIZATION`);
  const ran = (): Promise<string[]> => nodes.rows(2, 'SELECT DISTINCT as_whom, what FROM ran');

  /** Tables of alice on both nodes, with what runs code on the second alone; then it writes down nothing yet. */
  async function begin(tables: string, coded: string): Promise<void> {
    await nodes.begin(`${EVIL} ${tables}; RESET SESSION AUTHORIZATION`);
    await asAlice(2, coded);
    await nodes.run(2, 'DELETE FROM ran; INSERT INTO windlass.tombstone (relation, key) VALUES (1, $$kept$$)');
  }

  async function expectHarmless(expected: readonly string[]): Promise<void> {
    const rows = await ran();
    expect(rows.filter((row) => !row.startsWith('(alice,'))).toEqual([]);
    for (const one of expected) expect(rows).toContain(`(alice,${one})`);
    const made = `SELECT rolname FROM pg_roles WHERE rolname = 'mallory' OR rolname = 'alice' AND rolsuper`;
    expect(await nodes.rows(2, made)).toEqual([]);
    expect(await nodes.rows(2, 'SELECT 1 FROM secret WHERE id = 666 UNION ALL SELECT 1 FROM windlass.skipped')).toEqual(
      [],
    );
    expect(await nodes.rows(2, `SELECT 1 FROM windlass.tombstone WHERE key = 'kept'`)).toEqual(['(1)']);
  }

  it('runs with the rights of the owner of its table, wherever it hides, and what comes after it is not harmed', async () => {
    await begin(
      `CREATE TABLE t (id int PRIMARY KEY, v text, a int[]); CREATE TABLE plain (id int PRIMARY KEY, v text, a text[])`,
      `ALTER TABLE t ADD CHECK (evil.attack('check') > 0), ADD CHECK (query_to_xml('SELECT evil.note(''xml'')', true, true, '') IS NOT NULL), ALTER v TYPE evil.d,
        ADD g int GENERATED ALWAYS AS (evil.quiet('generated') + id) STORED;
      CREATE INDEX ON t ((evil.quiet('index') + id)); CREATE INDEX ON t (id) WHERE evil.quiet('predicate') + id > 0;
      CREATE TRIGGER before BEFORE INSERT OR UPDATE OR DELETE ON t FOR EACH ROW EXECUTE FUNCTION evil.fire(); ALTER TABLE t ENABLE ALWAYS TRIGGER before;
      CREATE TRIGGER after AFTER INSERT OR UPDATE OR DELETE ON t FOR EACH STATEMENT EXECUTE FUNCTION evil.fire(); ALTER TABLE t ENABLE REPLICA TRIGGER after`,
    );
    await nodes.run(
      1,
      `BEGIN; INSERT INTO t VALUES (1, 'a'); INSERT INTO plain VALUES (1, 'a', '{NULL}'); INSERT INTO t VALUES (2, 'b'); COMMIT`,
    );
    await nodes.run(1, `UPDATE t SET v = 'c' WHERE id = 1; DELETE FROM t WHERE id = 2; UPDATE plain SET v = 'c'`);
    await nodes.run(1, `INSERT INTO t VALUES (3, 'x')`);
    await nodes.run(1, `TRUNCATE t; INSERT INTO t VALUES (4, 'y')`);
    await nodes.flow(1, 2);
    await expectHarmless([
      'check',
      'xml',
      'domain',
      'generated',
      'index',
      'predicate',
      '"trigger before"',
      '"trigger after"',
    ]);
    expect(await nodes.rows(2, 'SELECT id, v FROM t')).toEqual(['(4,y)']);
    expect(await nodes.rows(2, 'SELECT id, v, a[1] IS NULL FROM plain')).toEqual(['(1,c,t)']);
    expect(nodes.node(2).applier.state.peers.get(1)?.stopped).toBeUndefined();
  });

  it('that would run at the commit is refused, here and where it is made', async () => {
    await begin(
      `CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE other (id int)`,
      `CREATE TRIGGER now AFTER INSERT ON t FOR EACH ROW EXECUTE FUNCTION evil.fire(); ALTER TABLE t ENABLE ALWAYS TRIGGER now;
      CREATE CONSTRAINT TRIGGER later AFTER INSERT ON other DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION evil.fire()`,
    );
    const enable = `SET SESSION AUTHORIZATION alice; ALTER TABLE other ENABLE ALWAYS TRIGGER later`;
    await expect(nodes.run(2, enable)).rejects.toThrow(
      'trigger "later" of table public.other is deferrable and fires in replica role',
    );
    await nodes.run(2, `RESET SESSION AUTHORIZATION; ALTER EVENT TRIGGER windlass_trigger DISABLE`);
    await asAlice(2, `ALTER TABLE other ENABLE ALWAYS TRIGGER later`);
    await nodes.run(1, `INSERT INTO t VALUES (1)`);
    await expect(nodes.flow(1, 2)).rejects.toThrow('trigger "later" of table public.other is deferrable');
    expect(await ran()).toEqual([]);
  });

  it('does not get into a table while a transaction writes to it, nor into its statistics', async () => {
    await begin(`CREATE TABLE t (id int PRIMARY KEY, v text)`, 'SELECT');
    await expect(
      nodes.run(
        2,
        `SET SESSION AUTHORIZATION alice; CREATE STATISTICS s ON (evil.quiet('statistics') + id), id FROM t`,
      ),
    ).rejects.toThrow('statistics of expressions with functions of users');
    await nodes.run(2, `RESET SESSION AUTHORIZATION; BEGIN; LOCK TABLE windlass.gate IN ROW EXCLUSIVE MODE`);
    await nodes.run(1, `INSERT INTO t VALUES (0, 'known')`);
    const alice = await userOf(nodes.node(2).server, nodes.node(2).database);
    const built = alice.query(`CREATE INDEX CONCURRENTLY late ON t ((evil.quiet('late index') + id))`);
    await nodes.until(
      2,
      `SELECT FROM pg_stat_activity WHERE query LIKE 'CREATE INDEX CONC%' AND wait_event_type = 'Lock'`,
    );
    expect(await nodes.rows(2, `SELECT 1 FROM pg_class WHERE relname = 'late'`)).toEqual([]);
    await nodes.run(2, 'COMMIT');
    await built;
    await nodes.run(1, `INSERT INTO t VALUES (1, 'a')`);
    await nodes.flow(1, 2);
    await expectHarmless(['"late index"']);
  });

  it('does not run with others’ in what has taken the place of a table', async () => {
    await begin(`CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE u (id int PRIMARY KEY)`, 'SELECT');
    await nodes.run(1, `INSERT INTO t VALUES (0, 'known'); INSERT INTO u VALUES (0)`);
    await nodes.flow(1, 2);
    await asAlice(
      2,
      `DROP TABLE t; CREATE TABLE t (id int PRIMARY KEY, v text CHECK (evil.attack('made anew') > 0));
      CREATE TABLE other (id int PRIMARY KEY CHECK (evil.attack('renamed') > 0)); ALTER TABLE u RENAME TO gone; ALTER TABLE other RENAME TO u`,
    );
    await nodes.run(1, `INSERT INTO t VALUES (1, 'a'); INSERT INTO u VALUES (1)`);
    await nodes.flow(1, 2);
    await expectHarmless(['"made anew"', 'renamed']);
  });

  it('does not run with others’ in a table that does not replicate, nor in one that is made a partition of another', async () => {
    await begin(
      `CREATE TABLE t (id int PRIMARY KEY, v text); CREATE TABLE part (id int PRIMARY KEY);
      CREATE TABLE first (id int NOT NULL) PARTITION BY LIST (id); ALTER TABLE first ATTACH PARTITION part FOR VALUES IN (0, 1, 2)`,
      'ALTER TABLE t SET UNLOGGED',
    );
    await nodes.run(1, `INSERT INTO t VALUES (0, 'known'); INSERT INTO part VALUES (0)`);
    await nodes.flow(1, 2);
    const signature = `SELECT windlass.code_of('part'::regclass)->>'signature'`;
    const before = await nodes.rows(2, signature);
    await asAlice(
      2,
      `ALTER TABLE t ADD CHECK (evil.attack('unlogged') > 0); ALTER TABLE first DETACH PARTITION part;
      CREATE TABLE second (id int NOT NULL) PARTITION BY LIST ((evil.quiet('partition') + id)); ALTER TABLE second ATTACH PARTITION part FOR VALUES IN (1, 2, 3)`,
    );
    expect(await nodes.rows(2, signature)).not.toEqual(before);
    await nodes.run(1, `INSERT INTO t VALUES (1, 'a'); INSERT INTO part VALUES (1)`);
    await nodes.flow(1, 2);
    await expectHarmless(['unlogged', 'partition']);
  });

  it('runs with the rights of the owner where a row is asked for', async () => {
    await begin(
      `CREATE FUNCTION evil.asked() RETURNS int IMMUTABLE LANGUAGE plpgsql AS $$ BEGIN
        PERFORM pg_advisory_lock(4711, quote_ident(current_user)::regrole::oid::int); RETURN 1; END $$;
      CREATE TABLE t (id int PRIMARY KEY, v text, big text); ALTER TABLE t ALTER big SET STORAGE EXTERNAL`,
      'SELECT',
    );
    await nodes.run(1, `INSERT INTO t VALUES (1, 'a', repeat('x', 9000))`);
    await nodes.flow(1, 2);
    await asAlice(1, `CREATE INDEX ON t ((evil.asked() + 1)); SELECT pg_advisory_unlock_all()`);
    await asAlice(1, `UPDATE t SET v = 'b'; SELECT pg_advisory_unlock_all()`);
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, `SELECT id, v, length(big) FROM t`)).toEqual(['(1,b,9000)']);
    expect(
      await nodes.rows(1, `SELECT objid::regrole FROM pg_locks WHERE locktype = 'advisory' AND classid = 4711`),
    ).toEqual(['(alice)']);
  });

  it('keeps nobody from applying, installing or replicating by a lock of ours', async () => {
    await begin('CREATE TABLE t (id int PRIMARY KEY)', '');
    const { server, database, applier } = nodes.node(2);
    await applier.close();
    await nodes.asSuperuser('ALTER ROLE alice LOGIN');
    const at = { host: '127.0.0.1', port: server.port, database };
    const thief = clientOf({ ...at, user: 'alice' });
    await thief.connect();
    await thief.query(
      `SELECT pg_advisory_lock(${String(0x77696e64)}, lock) FROM unnest('{${Object.values(LOCKS).join()}}'::int[]) lock`,
    );
    nodes.node(2).applier = await nodes.openApplier(2);
    const replicator = clientOf({ ...at, user: 'windlass_replicator' });
    await replicator.connect();
    expect(await tryLock(replicator, 'replicate')).toBe(true);
    await replicator.end();
    await nodes.run(1, 'INSERT INTO t VALUES (1)');
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT id FROM t')).toEqual(['(1)']);
    await expect(thief.query('SELECT 1')).rejects.toThrow();
  });

  it('of a table of a superuser has no superuser’s rights', async () => {
    await begin('SELECT', 'SELECT');
    const told = `CREATE FUNCTION evil.told() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN PERFORM evil.note('told'); RETURN NULL; END $$`;
    await asAlice(2, told);
    for (const number of [1, 2]) await nodes.run(number, `CREATE TABLE theirs (id int PRIMARY KEY)`);
    await nodes.run(
      2,
      `CREATE TRIGGER x AFTER INSERT ON theirs FOR EACH ROW EXECUTE FUNCTION evil.told(); ALTER TABLE theirs ENABLE ALWAYS TRIGGER x`,
    );
    await nodes.run(1, 'INSERT INTO theirs VALUES (1)');
    await nodes.flow(1, 2);
    expect(await ran()).toEqual(['(windlass_replicator,told)']);
    const coded = `SELECT windlass.code_of('theirs'::regclass)->>'role' IS NOT NULL`;
    expect(await nodes.rows(2, coded)).toEqual(['(t)']);
    await nodes.run(2, 'ALTER FUNCTION evil.told() OWNER TO windlass');
    expect(await nodes.rows(2, coded)).toEqual(['(f)']);
    await nodes.run(2, 'GRANT TRIGGER ON theirs TO alice');
    expect(await nodes.rows(2, coded)).toEqual(['(t)']);
  });
});
