import type pg from 'pg';
import { TestNodes } from '../testing/apply/nodes.ts';
import { ANY_MAJOR } from '../testing/real-postgres.ts';
import { clientOf } from '../sql/index.ts';

const T = `CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE ran (who text, what text); GRANT INSERT ON ran TO PUBLIC;
  GRANT CREATE ON SCHEMA public TO alice`;

/** What the role of a replicator may do by itself and what it may have done (ADR 46). */
describe.each(ANY_MAJOR)('DDL by the role of the replicator on Postgres %i', (major) => {
  const nodes = new TestNodes(2);
  let replicator: pg.Client;
  beforeAll(async () => {
    await nodes.start(major);
    await nodes.asSuperuser('CREATE ROLE alice');
  });
  afterAll(() => nodes.stop());
  beforeEach(async () => {
    await nodes.begin(T);
    const { server, database } = nodes.node(2);
    replicator = clientOf({ host: '127.0.0.1', port: server.port, database, user: 'windlass_replicator' });
    await replicator.connect();
    await replicator.query('SET session_replication_role = replica');
  });
  afterEach(async () => {
    await replicator.end();
    await nodes.end();
  });
  const powers = (): Promise<string[]> =>
    nodes.rows(
      2,
      `SELECT rolname FROM pg_roles WHERE rolname = 'mallory' OR rolname IN ('alice', 'windlass_replicator') AND rolsuper`,
    );

  const FORBIDDEN = [
    'CREATE ROLE mallory',
    'ALTER ROLE windlass_replicator SUPERUSER',
    'GRANT pg_execute_server_program TO windlass_replicator',
    'SET ROLE alice',
    'SET SESSION AUTHORIZATION windlass',
    `UPDATE pg_authid SET rolsuper = true WHERE rolname = 'alice'`,
    'CREATE TABLE public.x (a int)',
    'CREATE SCHEMA x',
    'ALTER TABLE public.t ADD a int',
    'DROP TABLE public.t',
    `COPY public.t TO PROGRAM 'true'`,
    `COPY public.t TO '/tmp/x'`,
    `SELECT pg_read_file('/etc/passwd')`,
    'ALTER SYSTEM SET work_mem = 64',
    'CREATE FUNCTION windlass.x() RETURNS int LANGUAGE sql AS $$ SELECT 1 $$',
    'ALTER FUNCTION windlass.ddl_as(text, text, jsonb, text) SECURITY INVOKER',
    'ALTER EVENT TRIGGER windlass_ddl DISABLE',
    `SELECT windlass.ddl_execute('', 'CREATE ROLE mallory')`,
    `SELECT windlass.carry_out(ARRAY['CREATE ROLE mallory'])`,
  ];

  it('is next to nothing by itself', async () => {
    for (const statement of FORBIDDEN)
      await expect(replicator.query(statement)).rejects.toMatchObject({ code: '42501' });
  });

  it('names and types that it gives are nothing but that', async () => {
    const missing = [{ schema: 'public', table: 't', column: 'id', type: 'int; CREATE ROLE mallory', value: ['1'] }];
    await replicator.query('SELECT windlass.ddl_fill($1, $2)', ['alice', JSON.stringify(missing)]);
    for (const tables of [['t; CREATE ROLE mallory'], ['public.t"; CREATE ROLE mallory']])
      await replicator.query('SELECT windlass.ddl_watch($1)', [JSON.stringify(tables)]).catch(() => undefined);
    const role = 'alice; CREATE ROLE mallory';
    for (const how of ['ddl_as', 'ddl_guarded'])
      await expect(replicator.query(`SELECT windlass.${how}($1, '', '{}', 'SELECT 1')`, [role])).rejects.toThrow(
        `role "${role}" does not exist`,
      );
    expect(await powers()).toEqual([]);
  });

  it.each(['ddl_as', 'ddl_guarded'])(
    'is done by %s with the rights of a role and no more, and never without a line in the log',
    async (how) => {
      const { server } = nodes.node(2);
      const call = `SELECT windlass.${how}($1, 'public', '{}', $2)`;
      await replicator.query(call, ['alice', 'CREATE TABLE made (id int)']);
      expect(await nodes.rows(2, `SELECT tableowner FROM pg_tables WHERE tablename = 'made'`)).toEqual(['(alice)']);
      for (const denied of [
        'CREATE ROLE mallory',
        'DROP TABLE t',
        'SET ROLE windlass',
        'SET SESSION AUTHORIZATION windlass',
      ])
        await expect(replicator.query(call, ['alice', denied])).rejects.toThrow(
          /permission denied|must be owner|cannot set parameter/,
        );
      expect(await powers()).toEqual([]);
      const said = await server.log();
      const hash = (await nodes.rows(2, `SELECT encode(sha256('CREATE TABLE made (id int)'), 'hex')`)).join();
      expect(said).toContain(`DDL of another node is done as role "alice": sha256 ${hash.slice(1, -1)}`);
    },
  );

  it('a value that rows have without being written is read with the rights of who added its column: its type may run code', async () => {
    for (const number of [1, 2]) await nodes.run(number, 'SET windlass.replicate_ddl = on');
    const asAlice = (sql: string): Promise<void> => nodes.run(1, `SET ROLE alice; ${sql}; RESET ROLE`);
    await asAlice(
      `CREATE FUNCTION seen(text) RETURNS boolean LANGUAGE plpgsql AS $f$ BEGIN INSERT INTO public.ran VALUES (current_user, 'domain'); RETURN true; END $f$;
      CREATE DOMAIN seen_text AS text CHECK (seen(VALUE)); CREATE TABLE theirs (id int PRIMARY KEY)`,
    );
    await asAlice('ALTER TABLE theirs ADD x seen_text[] DEFAULT ARRAY[now()::text]::seen_text[]');
    await nodes.flow(1, 2);
    expect(await nodes.rows(2, 'SELECT DISTINCT who, what FROM ran')).toEqual(['(alice,domain)']);
    const value = `SELECT attmissingval FROM pg_attribute WHERE attrelid = 'theirs'::regclass AND attname = 'x' AND atthasmissing`;
    const [there] = await nodes.rows(1, value);
    expect(there).toBeDefined();
    expect(await nodes.rows(2, value)).toEqual([there]);
    expect(await nodes.rows(2, `SELECT to_regclass('windlass.giver')`)).toEqual(['()']);
  });
});
