import { installedDatabases, userOf } from '../testing/installed-databases.ts';
import { MAJORS } from '../testing/real-postgres.ts';
import { watchTables } from './index.ts';

describe.each(MAJORS)('a hostile user of Postgres %i', (major) => {
  const its = installedDatabases(major);
  const denied = (text: string): Promise<void> => expect(its.user.query(text)).rejects.toMatchObject({ code: '42501' });

  const FOR_USERS = ['colliding_sequences', 'id_node', 'id_time', 'next_id', 'peers', 'sync_event'];

  it('has no right on anything in the schema but what is for users', async () => {
    const { rows } = await its.admin.query<{ one: string }>(
      `
      SELECT 'SELECT FROM windlass.' || quote_ident(relname) AS one FROM pg_class WHERE relnamespace = 'windlass'::regnamespace AND relkind IN ('r', 'v', 'S')
      UNION ALL SELECT format('SELECT windlass.%I(%s)', proname, (SELECT string_agg('NULL::' || format_type(t, NULL), ', ')
        FROM unnest(proargtypes) t)) FROM pg_proc WHERE pronamespace = 'windlass'::regnamespace AND prokind = 'f' AND proname <> ALL ($1)`,
      [FOR_USERS],
    );
    expect(rows.length).toBeGreaterThan(60);
    for (const { one } of rows) await denied(one);
    const open = await its.admin.query<{ name: string }>(
      `SELECT p.proname::text AS name FROM pg_proc p WHERE p.pronamespace = 'windlass'::regnamespace
        AND has_function_privilege('alice', p.oid, 'EXECUTE') ORDER BY 1`,
    );
    const procedures = ['wait_for_sync_event', 'wait_for_sync_event'];
    expect(open.rows.map(({ name }) => name)).toEqual([...FOR_USERS, ...procedures]);
    await denied('CREATE TABLE windlass.mine (a int)');
    await denied('CREATE TABLE mine (a windlass.shape)');
    await denied('SET ROLE windlass_helper');
  });

  it('cannot use a trigger function of ours, nor take the place of one', async () => {
    await its.user.query('CREATE TABLE t (id int PRIMARY KEY); CREATE TABLE mine (id int)');
    const { rows } = await its.admin.query<{ name: string }>(
      `SELECT p.oid::regprocedure::text AS name FROM pg_proc p WHERE proname LIKE 'on_change_%'`,
    );
    const [found] = rows;
    await denied(`CREATE TRIGGER x AFTER DELETE ON mine FOR EACH ROW EXECUTE FUNCTION ${found?.name ?? ''}`);
    await denied('CREATE TRIGGER x AFTER TRUNCATE ON mine EXECUTE FUNCTION windlass.on_truncate()');
    await denied('SET ROLE windlass_writer');
    await denied('ALTER EVENT TRIGGER windlass_ddl DISABLE');
    await denied('SET session_replication_role = replica');
  });

  it('has its own code run nowhere with rights it lacks', async () => {
    await its.admin.query('CREATE TABLE public.ran (as_whom text); GRANT INSERT ON public.ran TO PUBLIC');
    await its.user.query(`CREATE SCHEMA evil; SET search_path = evil, pg_catalog, public;
      CREATE FUNCTION evil.note() RETURNS text LANGUAGE plpgsql AS $$ BEGIN INSERT INTO public.ran VALUES (current_user); RETURN 'x'; END $$`);
    await its.user.query(`CREATE TYPE evil.e AS ENUM ('a');
      CREATE FUNCTION evil.to_text(evil.e) RETURNS text LANGUAGE sql AS 'SELECT evil.note()';
      CREATE CAST (evil.e AS text) WITH FUNCTION evil.to_text(evil.e) AS IMPLICIT;
      CREATE FUNCTION evil.to_j(evil.e) RETURNS json LANGUAGE sql AS 'SELECT to_json(evil.note())';
      CREATE CAST (evil.e AS json) WITH FUNCTION evil.to_j(evil.e);
      CREATE FUNCTION evil.concat(evil.e) RETURNS text LANGUAGE sql AS 'SELECT evil.note()';
      CREATE FUNCTION evil.to_json(text) RETURNS json LANGUAGE sql AS 'SELECT to_json(evil.note())';
      CREATE FUNCTION evil.format(text, VARIADIC text[]) RETURNS text LANGUAGE sql AS 'SELECT evil.note()';
      CREATE FUNCTION evil.ne(record, record) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN evil.note() IS NULL; END';
      CREATE OPERATOR evil.*<> (LEFTARG = record, RIGHTARG = record, FUNCTION = evil.ne);
      CREATE TEMP TABLE pg_class (oid oid, relname text); CREATE TEMP TABLE tombstone (relation oid, key text);
      CREATE FUNCTION evil.pg_sleep(double precision) RETURNS void LANGUAGE sql AS 'SELECT evil.note()';
      CREATE FUNCTION evil.nextval(regclass) RETURNS bigint LANGUAGE sql AS 'SELECT length(evil.note())';
      CREATE FUNCTION evil.ge(pg_lsn, pg_lsn) RETURNS bool LANGUAGE plpgsql AS 'BEGIN RETURN evil.note() IS NULL; END';
      CREATE OPERATOR evil.>= (LEFTARG = pg_lsn, RIGHTARG = pg_lsn, FUNCTION = evil.ge);
      CREATE TEMP TABLE node (number int, name text); CREATE TEMP TABLE id_clock (last_value bigint);
      CREATE TEMP TABLE old_rows (k evil.e); CREATE TEMP VIEW pg_inherits AS SELECT evil.note() AS inhrelid`);
    await its.user.query(`CREATE TABLE evil.t (k evil.e PRIMARY KEY); CREATE TABLE evil.l (k evil.e);
      INSERT INTO evil.t VALUES ('a'); INSERT INTO evil.l VALUES ('a'); UPDATE evil.t SET k = k; DELETE FROM evil.t; DELETE FROM evil.l;
      SELECT windlass.next_id(), windlass.sync_event(); SELECT FROM windlass.peers(); SELECT FROM windlass.colliding_sequences();
      CREATE SEQUENCE evil.s; CALL windlass.wait_for_sync_event(true, 'n1', 'F0000000/1', 1); CALL spock.wait_for_sync_event(true, 'n1', '0/1', 1);
      SELECT FROM spock.lag_tracker; SELECT FROM spock.replication_set_table; SELECT FROM spock.sub_show_status();
      TRUNCATE evil.t; ALTER TABLE evil.l ADD PRIMARY KEY (k); DROP TABLE evil.l`);
    const kept = await its.admin.query('SELECT key FROM windlass.tombstone');
    expect(kept.rows).toEqual([{ key: '["a"]' }]);
    const ran = await its.admin.query(`SELECT DISTINCT as_whom FROM public.ran WHERE as_whom <> 'alice'`);
    expect(ran.rows).toEqual([]);
  });

  it('cannot read or change tables of others by them', async () => {
    await its.admin.query('CREATE TABLE public.theirs (id int PRIMARY KEY)');
    await watchTables(its.admin);
    await its.user.query('CREATE TABLE mine (id int PRIMARY KEY)');
    await denied('DROP TRIGGER windlass_delete ON theirs');
    await denied('ALTER TABLE theirs REPLICA IDENTITY FULL');
    const other = await userOf(its.server, its.database);
    await other.query('INSERT INTO mine VALUES (1); DELETE FROM mine');
    expect((await its.admin.query('SELECT FROM windlass.tombstone')).rowCount).toBe(1);
  });
});
