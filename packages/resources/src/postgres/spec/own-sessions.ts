/**
 * The role for what only has to be looked at: no superuser, a member of pg_monitor. A superuser's session is for what only a
 * superuser can do.
 */
export const LOOK_ROLE = 'windlass_look';

/** What roles are called by which people log in for a while. */
export const PERSON_PREFIX = 'windlass_login_';

/** As whom the replicators of a database log in on all of its nodes. */
export const REPLICATOR_ROLE = 'windlass_replicator';

/**
 * What no session of ours takes over from a user: each of these could be set for the instance (the spec, ALTER SYSTEM), for a
 * database (ALTER DATABASE, by its owner) or for all roles. They name what a statement means, whose rights it has, which code
 * is loaded before it, and what would end it.
 */
const EVERYWHERE: Readonly<Record<string, string>> = {
  search_path: 'pg_catalog,pg_temp', // pg_temp would come first if it were not named
  role: 'none',
  session_preload_libraries: '',
  local_preload_libraries: '',
  default_transaction_read_only: 'off',
  default_transaction_isolation: 'read committed',
  default_transaction_deferrable: 'off',
  statement_timeout: '0',
  lock_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  idle_session_timeout: '0',
  exit_on_error: 'off',
  standard_conforming_strings: 'on',
};

/**
 * How values are written and read, and where what is made goes: Patroni, too, takes a date that is written in another way for a
 * Postgres that does not answer. A script of the spec has these as the user set them.
 */
const OUR_WAY: Readonly<Record<string, string>> = {
  row_security: 'off',
  DateStyle: 'ISO, MDY',
  IntervalStyle: 'postgres',
  TimeZone: 'UTC',
  bytea_output: 'hex',
  quote_all_identifiers: 'off',
  transform_null_equals: 'off',
  check_function_bodies: 'on',
  default_tablespace: '',
  temp_tablespaces: '',
  default_table_access_method: 'heap',
  client_min_messages: 'warning',
  max_parallel_workers_per_gather: '0',
  jit: 'off',
};

/** Names that came with PostgreSQL 17: an older one refuses a session that begins with one it does not know. */
const SINCE_17: Readonly<Record<string, string>> = { event_triggers: 'off', transaction_timeout: '0' };

/** Before, this is what keeps event triggers from running, those apart that their owner wanted ALWAYS. For a superuser only. */
const BEFORE_17: Readonly<Record<string, string>> = { session_replication_role: 'replica' };

/** What a session is for: a change, a look, or a script of the spec. */
export type SessionFor = 'change' | 'look' | 'script';

/** Settings a session begins with, as the option `-c` of Postgres. They go over everything but a SET in the session itself. */
export function startupOptions(since17: boolean, purpose: SessionFor): string {
  const older = purpose === 'change' ? BEFORE_17 : {};
  return optionsOf({ ...EVERYWHERE, ...(purpose !== 'script' && OUR_WAY), ...(since17 ? SINCE_17 : older) });
}

const optionsOf = (settings: Readonly<Record<string, string>>): string =>
  Object.entries(settings)
    .map(([name, value]) => `-c ${name}=${value.replace(/([\\ ])/g, '\\$1')}`)
    .join(' ');

/** The same for programs that use libpq (psql, pg_dump, pgBackRest), whichever version they talk to. */
export const PGOPTIONS = startupOptions(false, 'look');

/** For a shell that is about to run such programs against a server of this major version, with what PostgreSQL 17 added. */
export const exportPgOptionsFor = (major: string): string =>
  `export PGOPTIONS='${PGOPTIONS}'
[ ${major} -lt 17 ] || PGOPTIONS="$PGOPTIONS ${optionsOf(SINCE_17)}"`;

/** What the roles of ours are given with ALTER ROLE, for sessions that others begin as one of them: Patroni, pgBackRest, a person. */
export const roleSettings = (since17: boolean): Readonly<Record<string, string>> => ({
  ...EVERYWHERE,
  ...OUR_WAY,
  ...(since17 && SINCE_17),
});
