import type { PostgresSession } from '../clients/ports.ts';
import { roleSettings } from '../spec/own-sessions.ts';
import { LOOK_ROLE, REPLICATOR_ROLE, SYSTEM_REWINDER, SYSTEM_SUPERUSER } from './system-names.ts';

/** What differs from how the control plane's own roles are to be, and the statements that mend it. */
export interface OwnRoles {
  readonly drift: readonly string[];
  readonly statements: readonly string[];
}

/** What else it may is granted where what lies in the database is installed. */
const REPLICATOR = `LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE REPLICATION BYPASSRLS PASSWORD NULL`;
const LOOKER = `LOGIN INHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS PASSWORD NULL`;

/** What the looker may read in the database `postgres` besides what pg_monitor may: rules and files, never contents. */
const FUNCTIONS = [
  'pg_stat_file(text, boolean)',
  'pg_show_all_file_settings()',
  'pg_hba_file_rules()',
  'pg_ident_file_mappings()',
];
const VIEWS = ['pg_file_settings', 'pg_hba_file_rules', 'pg_ident_file_mappings'];
/** A session begins with these, and who is no superuser may not set them. */
const parameters = (since17: boolean): readonly string[] => [
  'session_preload_libraries',
  ...(since17 ? ['event_triggers'] : []),
];

interface Row {
  readonly since17: boolean;
  /** Whether the looker is what it is to be; null: there is none. */
  readonly looker: boolean | null;
  readonly granted: boolean;
  /** Whether the replicator's role is what it is to be; null: there is none. */
  readonly replicator: boolean | null;
  readonly settings: Readonly<Record<string, readonly string[]>>;
}

const all = (terms: readonly string[]): string => terms.join(' AND ');
const QUERY = `WITH looker AS (SELECT * FROM pg_catalog.pg_authid WHERE rolname = '${LOOK_ROLE}')
SELECT pg_catalog.current_setting('server_version_num')::int4 >= 170000 AS since17,
  (SELECT rolcanlogin AND rolinherit AND NOT (rolsuper OR rolcreatedb OR rolcreaterole OR rolreplication OR rolbypassrls)
      AND rolpassword IS NULL AND rolconnlimit = -1 FROM looker) AS looker,
  coalesce((SELECT pg_catalog.pg_has_role(oid, 'pg_monitor', 'USAGE')
      AND ${all(FUNCTIONS.map((name) => `pg_catalog.has_function_privilege(oid, 'pg_catalog.${name}', 'EXECUTE')`))}
      AND ${all(VIEWS.map((name) => `pg_catalog.has_table_privilege(oid, 'pg_catalog.${name}', 'SELECT')`))}
      AND (SELECT pg_catalog.bool_and(pg_catalog.has_parameter_privilege(looker.oid, s.name, 'SET'))
             FROM pg_catalog.pg_settings s WHERE s.name = ANY($1)) FROM looker), false) AS granted,
  (SELECT rolcanlogin AND rolinherit AND rolreplication AND rolbypassrls AND NOT (rolsuper OR rolcreatedb OR rolcreaterole)
      AND rolpassword IS NULL AND rolconnlimit = -1
     FROM pg_catalog.pg_authid WHERE rolname = '${REPLICATOR_ROLE}') AS replicator,
  (SELECT pg_catalog.json_object_agg(r.rolname, coalesce(s.setconfig, '{}')) FROM pg_catalog.pg_roles r
     LEFT JOIN pg_catalog.pg_db_role_setting s ON s.setrole = r.oid AND s.setdatabase = 0
    WHERE r.rolname = ANY($2)) AS settings`;

/**
 * How the control plane's own roles are in Postgres. The looker is made where an image of before it did not; what their sessions
 * begin with is set for those that do not say so themselves. Asked in the database `postgres`, as the superuser.
 */
export async function readOwnRoles(session: PostgresSession, replicates = false): Promise<OwnRoles> {
  const names = [SYSTEM_SUPERUSER, SYSTEM_REWINDER];
  const [row] = await session.query<Row>(QUERY, [parameters(true), names]);
  if (!row) return { drift: [], statements: [] };
  const { since17, looker, granted, replicator, settings } = row;
  const set = names
    .filter((name) => name in settings)
    .map((name) => ({ name, statements: settingStatements(name, settings[name] ?? [], since17) }));
  return {
    drift: [
      ...(looker && granted ? [] : [`roles.${LOOK_ROLE}`]),
      ...(!replicates || replicator ? [] : [`roles.${REPLICATOR_ROLE}`]),
      ...set.filter(({ statements }) => statements.length > 0).map(({ name }) => `roles.${name}.settings`),
    ],
    statements: [
      ...(looker ? [] : [`${looker === null ? 'CREATE' : 'ALTER'} ROLE ${LOOK_ROLE} ${LOOKER} CONNECTION LIMIT -1`]),
      ...(granted ? [] : grants(since17)),
      ...replicatorStatements(replicator, replicates),
      ...set.flatMap(({ statements }) => statements),
    ],
  };
}

const grants = (since17: boolean): string[] => [
  `GRANT pg_monitor TO ${LOOK_ROLE}`,
  `GRANT EXECUTE ON FUNCTION ${FUNCTIONS.map((name) => `pg_catalog.${name}`).join(', ')} TO ${LOOK_ROLE}`,
  `GRANT SELECT ON ${VIEWS.map((name) => `pg_catalog.${name}`).join(', ')} TO ${LOOK_ROLE}`,
  `GRANT SET ON PARAMETER ${parameters(since17).join(', ')} TO ${LOOK_ROLE}`,
];

/** It is dropped with what lies in the database for replication. */
function replicatorStatements(found: boolean | null, wanted: boolean): string[] {
  if (found || !wanted) return [];
  return [`${found === null ? 'CREATE' : 'ALTER'} ROLE ${REPLICATOR_ROLE} ${REPLICATOR} CONNECTION LIMIT -1`];
}

const withoutBlanks = (list: string): string => list.replaceAll(', ', ',');

/** Our own session has these values: an empty list could not be written down in another way. */
function settingStatements(role: string, found: readonly string[], since17: boolean): string[] {
  return Object.entries(roleSettings(since17))
    .filter(([name, value]) => !found.some((one) => withoutBlanks(one) === withoutBlanks(`${name}=${value}`)))
    .map(([name]) => `ALTER ROLE ${role} SET ${name} FROM CURRENT`);
}
