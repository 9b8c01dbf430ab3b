import { bash } from './stack.ts';

/** The one of issue 12, word for word: a view in place of a catalog, read by a session with the owner's search path. */
export const SHADOW = `CREATE SCHEMA shadow;
CREATE FUNCTION shadow.seen() RETURNS name LANGUAGE plpgsql AS $$ BEGIN
  IF (SELECT rolsuper FROM pg_catalog.pg_roles WHERE rolname = current_user) THEN EXECUTE 'ALTER ROLE app SUPERUSER'; END IF;
  RETURN 'pg_stat_statements'; END $$;
CREATE VIEW shadow.pg_extension AS SELECT shadow.seen() AS extname;
GRANT USAGE ON SCHEMA shadow TO PUBLIC; GRANT SELECT ON shadow.pg_extension TO PUBLIC;`;

/** Says in Postgres' log who ran it; a superuser who is not the one that planted makes `app` one. */
const NOTE = `CREATE SCHEMA planted; GRANT USAGE ON SCHEMA planted TO PUBLIC;
CREATE FUNCTION planted.note(what text) RETURNS void LANGUAGE plpgsql SET search_path = pg_catalog AS $$
DECLARE super bool := (SELECT rolsuper FROM pg_roles WHERE rolname = current_user);
BEGIN
  RAISE LOG 'planted % ran as % in a session of %', what, current_user, session_user;
  IF super AND session_user = 'windlass' AND NOT pg_is_in_recovery() THEN
    IF current_setting('unix_socket_directories') <> '/tmp' THEN RAISE EXCEPTION 'planted code ran'; END IF;
    EXECUTE 'ALTER ROLE app SUPERUSER';
  END IF;
END $$;`;

const made = (signature: string, returns: string, value: string, name = signature.replaceAll("'", '')): string =>
  `CREATE FUNCTION planted.${signature} RETURNS ${returns} LANGUAGE plpgsql SET search_path = pg_catalog AS $$
   BEGIN PERFORM planted.note('function ${name}'); RETURN ${value}; END $$;`;

/** Functions by the names that statements of a control plane use, some with arguments that fit better than the real ones. */
const FUNCTIONS = [
  made('pg_is_in_recovery()', 'bool', 'false'),
  made('current_database()', 'name', "'app'"),
  made('current_setting(text)', 'text', "'off'"),
  made('set_config(text, text, bool)', 'text', "''"),
  made('pg_reload_conf()', 'bool', 'true'),
  made('pg_switch_wal()', 'pg_lsn', "'0/0'"),
  made('pg_walfile_name(pg_lsn)', 'text', "''"),
  made('pg_logical_emit_message(bool, text, text)', 'pg_lsn', "'0/0'"),
  made('pg_database_size(name)', 'bigint', '0'),
  made('pg_database_size(oid)', 'bigint', '0'),
  made('lower(name)', 'text', "''"),
  made('unnest(text[])', 'text', "''"),
  made('format(text, name)', 'text', "''"),
  made('pg_get_expr(pg_node_tree, oid)', 'text', "''"),
  made('pg_stat_statements()', 'bool', 'true'),
  made('counted(bigint)', 'bigint', '0'),
  'CREATE AGGREGATE planted.count(*) (SFUNC = planted.counted, STYPE = bigint);',
];

const OPERANDS = ['name, name', 'name, text', 'text, text', 'oid, oid', 'int4, int4', 'bool, bool'];
const OPERATORS = ['=', '<>', '~', '!~', '~~'].flatMap((operator, o) =>
  OPERANDS.map((operands, i) => {
    const [left, right] = operands.split(', ');
    const name = `op_${String(o)}_${String(i)}`;
    return `${made(`${name}(${operands})`, 'bool', 'true')}
      CREATE OPERATOR planted.${operator} (LEFTARG = ${String(left)}, RIGHTARG = ${String(right)}, FUNCTION = planted.${name});`;
  }),
);

const CATALOGS = ['authid', 'auth_members', 'class', 'database', 'db_role_setting', 'extension', 'file_settings', 'namespace', 'roles',
  'settings', 'stat_archiver', 'stat_replication', 'stat_wal_receiver', 'subscription', 'stat_activity', 'proc']; // prettier-ignore
const COLUMNS = ['extname', 'datname', 'rolname', 'name', 'nspname', 'relname', 'owner', 'usename', 'proname'];
const VIEWS = CATALOGS.map(
  (catalog) => `${made(`view_${catalog}()`, 'name', "'pg_stat_statements'")}
    CREATE VIEW planted.pg_${catalog} AS SELECT ${COLUMNS.map((column) => `planted.view_${catalog}() AS ${column}`).join(', ')};
    GRANT SELECT ON planted.pg_${catalog} TO PUBLIC;`,
);

const CASTS = `CREATE TYPE planted.word AS (w text);
${made('word_of(name)', 'planted.word', "ROW('w')::planted.word")} ${made('text_of(planted.word)', 'text', "'w'")}
CREATE CAST (name AS planted.word) WITH FUNCTION planted.word_of(name) AS IMPLICIT;
CREATE CAST (planted.word AS text) WITH FUNCTION planted.text_of(planted.word) AS IMPLICIT;`;

/** A table whose every part has code: who reads, writes, changes or analyzes it runs some. */
const TABLE = `${made('fine(int)', 'bool', 'true')} ${made('number()', 'int', '1')}
CREATE FUNCTION planted.same(i int) RETURNS int IMMUTABLE LANGUAGE plpgsql SET search_path = pg_catalog AS $$
  BEGIN PERFORM planted.note('index expression'); RETURN i; END $$;
CREATE FUNCTION planted.on_row() RETURNS trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
  BEGIN PERFORM planted.note('row trigger'); RETURN NEW; END $$;
CREATE DOMAIN planted.checked AS int CHECK (planted.fine(VALUE));
CREATE TABLE planted.bait (i int DEFAULT planted.number(), d planted.checked, CHECK (planted.fine(i)));
INSERT INTO planted.bait SELECT g, g FROM generate_series(1, 10) g;
CREATE INDEX ON planted.bait (planted.same(i));
ALTER TABLE planted.bait ENABLE ROW LEVEL SECURITY;
CREATE POLICY seen ON planted.bait USING (planted.fine(i));
CREATE TRIGGER on_row BEFORE INSERT OR UPDATE OR DELETE ON planted.bait FOR EACH ROW EXECUTE FUNCTION planted.on_row();
CREATE TRIGGER on_truncate BEFORE TRUNCATE ON planted.bait EXECUTE FUNCTION planted.on_row();
GRANT ALL ON planted.bait TO PUBLIC;`;

/** What an event trigger runs; who may make one is a superuser, who may change the function is whose it is. */
const ON_EVENT = `CREATE FUNCTION planted.on_event() RETURNS event_trigger LANGUAGE plpgsql SET search_path = pg_catalog AS $$
  BEGIN PERFORM planted.note('event trigger ' || tg_event); END $$;`;

/** As `app`, who may make schemas in this database. */
export const PLANTS: readonly string[] = [NOTE, ...FUNCTIONS, ...OPERATORS, ...VIEWS, CASTS, TABLE, ON_EVENT];

/** As a superuser, in each database: everybody finds the plants first, and events run one of them. */
export const triggers = (database: string, major: number): readonly string[] => [
  `ALTER DATABASE ${database} SET search_path = planted, shadow, pg_catalog, public`,
  ...['ddl_command_start', 'ddl_command_end', 'sql_drop', 'table_rewrite', ...(major >= 17 ? ['login'] : [])].map(
    (event) => `CREATE EVENT TRIGGER on_${event} ON ${event} EXECUTE FUNCTION planted.on_event()`,
  ),
];

/** Who ran something planted, of all containers of a database, but those whose own it is: nobody, if all is well. */
export async function ranPlants(id: string): Promise<string[]> {
  const logs = await bash(
    `for c in $(docker ps -aq --filter label=windlass.database=${id}); do docker logs $c 2>&1; done | grep -a 'planted .* ran as' || true`,
  );
  return [...new Set(logs.split('\n').map((line) => line.replace(/^.*?planted/, 'planted')))].filter(
    (line) => /ran as \w+ in a session of \w+$/.test(line) && !/of (app|dba|leaver)$/.test(line),
  );
}
