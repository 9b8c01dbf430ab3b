import type { PostgresTarget } from '../clients/ports.ts';
import { plainSpec, RealDatabase, type Spec } from '../../testing/real-database.ts';

const base: Spec = {
  ...plainSpec,
  postgresql_conf: { search_path: 'nowhere' },
  scripts: { post_database_create: ['CREATE TABLE made_by_script (i int)'] },
};
const more: Spec['database_users'] = [...(base.database_users ?? []), { username: 'other', attributes: ['LOGIN'] }];

let db: RealDatabase;
const sql = <R extends object>(text: string, database = 'shop', as?: PostgresTarget['as']): Promise<R[]> =>
  db.sql<R>(text, database, as);
const drift = (): Promise<string[]> => db.drift();
const change = (next: Spec, ...also: string[]): Promise<string[]> => db.change(next, ...also);

beforeAll(async () => {
  db = await RealDatabase.create('own', base);
});
afterAll(() => db.remove());

test('with a search path that names nothing, extensions and tables of scripts are in `public`', async () => {
  expect(await drift()).toEqual([]);
  const schemas =
    await sql(`SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pg_stat_statements'
    UNION ALL SELECT relnamespace::regnamespace::text FROM pg_class WHERE relname = 'made_by_script'`);
  expect(schemas).toEqual([{ schema: 'public' }, { schema: 'public' }]);
});

test('who looks is no superuser, and its session takes nothing over', async () => {
  await sql(`ALTER DATABASE shop SET search_path = public; ALTER DATABASE shop SET statement_timeout = 1;
    ALTER DATABASE shop SET default_transaction_read_only = on; ALTER DATABASE shop SET role = app`);
  const facts = `SELECT current_user::text AS who, current_setting('search_path') AS path, current_setting('statement_timeout') AS limit,
    current_setting('transaction_read_only') AS read_only, (SELECT rolsuper FROM pg_roles WHERE rolname = current_user) AS super`;
  const same = { path: 'pg_catalog,pg_temp', limit: '0', read_only: 'off' };
  expect(await sql(facts, 'shop', 'look')).toEqual([{ ...same, who: 'windlass_look', super: false }]);
  expect(await sql(facts)).toEqual([{ ...same, who: 'windlass', super: true }]);
  expect(await sql(facts, 'shop', 'script')).toEqual([{ ...same, who: 'windlass', super: true }]);
  await change({ ...base, database_users: more });
  await change(base);
  expect(await drift()).toEqual([]);
  await sql('ALTER DATABASE shop RESET ALL');
});

test('who looks may read what is looked at, and no more', async () => {
  const looked = `SELECT (pg_stat_file('PG_VERSION', true)).modification IS NOT NULL AS file, (SELECT count(*) >= 0 FROM pg_ls_archive_statusdir()) AS archive,
    (SELECT count(*) > 0 FROM pg_hba_file_rules) AS rules, (SELECT count(*) > 0 FROM pg_file_settings) AS settings,
    (SELECT count(*) > 0 FROM pg_ident_file_mappings) AS mappings, pg_logical_emit_message(true, 'windlass', 'test') IS NOT NULL AS commit`;
  const all = { file: true, archive: true, rules: true, settings: true, mappings: true, commit: true };
  expect(await sql(looked, 'postgres', 'look')).toEqual([all]);
  for (const refused of [
    'SELECT rolpassword FROM pg_authid',
    'SELECT pg_read_file($$PG_VERSION$$)',
    'SELECT * FROM public.made_by_script',
  ])
    await expect(sql(refused, 'shop', 'look')).rejects.toThrow('permission denied');
});

test('a view in the place of a catalog is read by nobody of ours', async () => {
  await sql(`CREATE SCHEMA shadow AUTHORIZATION app; SET ROLE app;
    CREATE FUNCTION shadow.seen() RETURNS name LANGUAGE plpgsql AS $$ BEGIN RAISE 'planted code ran as %', current_user; END $$;
    CREATE VIEW shadow.pg_extension AS SELECT shadow.seen() AS extname; GRANT USAGE ON SCHEMA shadow TO PUBLIC;
    GRANT SELECT ON shadow.pg_extension TO PUBLIC; RESET ROLE; ALTER DATABASE shop SET search_path = shadow, pg_catalog, public`);
  await expect(sql('SELECT extname FROM pg_extension', 'shop', 'user')).rejects.toThrow(
    'planted code ran as windlass_look',
  );
  expect(await drift()).toEqual([]);
  await sql('DROP EXTENSION pg_stat_statements');
  await change(base, 'postgres.extensions');
  expect(await drift()).toEqual([]);
});

test('where `public` was dropped an extension gets a schema of ours; moved, it stays where it is', async () => {
  const schema = `SELECT extnamespace::regnamespace::text AS schema FROM pg_extension WHERE extname = 'pg_stat_statements'`;
  await sql('DROP SCHEMA public CASCADE');
  await change(base, 'postgres.extensions');
  expect(await sql(schema)).toEqual([{ schema: 'windlass' }]);
  await sql('CREATE SCHEMA elsewhere; ALTER EXTENSION pg_stat_statements SET SCHEMA elsewhere; CREATE SCHEMA public');
  await change(base, 'postgres.extensions');
  expect(await sql(schema)).toEqual([{ schema: 'elsewhere' }]);
});

test('event triggers do not hold up changes', async () => {
  await sql(`CREATE FUNCTION public.no() RETURNS event_trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
    CREATE EVENT TRIGGER no ON ddl_command_start EXECUTE FUNCTION public.no();
    CREATE EVENT TRIGGER no_login ON login EXECUTE FUNCTION public.no()`);
  await expect(sql('SELECT 1', 'shop', 'user')).rejects.toThrow('no');
  await sql('DROP EXTENSION pg_stat_statements');
  await change({ ...base, database_users: more }, 'postgres.extensions');
  await change(base);
  expect(await drift()).toEqual([]);
  await sql('DROP EVENT TRIGGER no; DROP EVENT TRIGGER no_login');
});

test('a database that is closed to the looker, or full, is looked at all the same', async () => {
  await sql('REVOKE CONNECT ON DATABASE shop FROM PUBLIC; ALTER ROLE windlass_look CONNECTION LIMIT 0', 'postgres');
  expect(await drift()).toEqual(['postgres.roles roles.windlass_look']);
  expect(await sql('SELECT current_user::text AS who', 'shop', 'look')).toEqual([{ who: 'windlass' }]);
  await change(base, 'postgres.roles');
  expect(await drift()).toEqual([]);
});

test('a database of before, without our roles and their settings, is looked at, and mended by an update', async () => {
  await sql(
    `ALTER ROLE windlass RESET ALL; REVOKE ALL ON FUNCTION pg_stat_file(text, boolean), pg_show_all_file_settings(), pg_hba_file_rules(),
      pg_ident_file_mappings() FROM windlass_look; REVOKE ALL ON pg_file_settings, pg_hba_file_rules, pg_ident_file_mappings FROM windlass_look;
     REVOKE ALL ON PARAMETER session_preload_libraries, event_triggers FROM windlass_look; DROP ROLE windlass_look`,
    'postgres',
  );
  expect(await drift()).toEqual(['postgres.roles roles.windlass.settings', 'postgres.roles roles.windlass_look']);
  await change(base, 'postgres.roles');
  expect(await drift()).toEqual([]);
});

/** What a user's session is refused with, soon. */
async function refusalOfUsers(): Promise<string> {
  const until = Date.now() + 10_000;
  for (;;) {
    const said = await sql('SELECT 1', 'postgres', 'user').then(
      () => 'nobody is refused',
      (err: Error) => err.message,
    );
    if (said !== 'nobody is refused' || Date.now() > until) return said;
  }
}

test('a library that is not there locks out everybody but us', async () => {
  const conf = { session_preload_libraries: 'auto_explian' };
  await expect(change({ ...base, postgresql_conf: conf })).rejects.toMatchObject({ code: 'settings_refused' });
  await sql(`ALTER SYSTEM SET session_preload_libraries = 'auto_explian'`, 'postgres');
  await sql('SELECT pg_reload_conf()', 'postgres');
  expect(await refusalOfUsers()).toContain('auto_explian');
  expect(await sql('SELECT 1 AS one', 'postgres')).toEqual([{ one: 1 }]);
  await change({ ...base, postgresql_conf: { session_preload_libraries: 'auto_explain' } });
  expect(await sql('SELECT 1 AS one', 'postgres', 'user')).toEqual([{ one: 1 }]);
  expect(await drift()).toEqual([]);
});
