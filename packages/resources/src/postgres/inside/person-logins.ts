import type { PostgresSession } from '../clients/ports.ts';
import { PERSON_PREFIX } from '../spec/own-sessions.ts';

/** Tells such a role from one that somebody else gave a name like that. */
const MARK = 'a login for a while, made by Windlass';
/** Whose rights a login has that may only read. */
export const READER = 'pg_read_all_data';
/** Who gets what a login of a database without an owner has made by itself: nobody can log in as it. */
const NOBODY = READER;

export interface PersonLogin {
  readonly name: string;
  readonly verifier: string;
  /** The role it is from its first statement on. */
  readonly actsAs: string;
  readonly readOnly: boolean;
  readonly databaseName: string;
  /** As Postgres writes it. */
  readonly until: string;
}

/**
 * A role that may nothing by itself: a session begins as `actsAs`, so what it makes belongs to that one, on every node. `there`: an
 * earlier attempt has made it.
 */
export function personStatements(
  { name, verifier, actsAs, readOnly, databaseName, until }: PersonLogin,
  there: boolean,
  { identifier, literal }: PostgresSession,
): string[] {
  const role = identifier(name);
  return [
    `${there ? 'ALTER' : 'CREATE'} ROLE ${role} LOGIN NOINHERIT NOSUPERUSER NOCREATEDB NOCREATEROLE NOREPLICATION NOBYPASSRLS
       PASSWORD ${literal(verifier)} VALID UNTIL ${literal(until)}`,
    `COMMENT ON ROLE ${role} IS ${literal(MARK)}`,
    `GRANT ${identifier(actsAs)} TO ${role}`,
    // Asked before it is somebody else.
    `GRANT CONNECT ON DATABASE ${identifier(databaseName)} TO ${role}`,
    `ALTER ROLE ${role} SET role = ${literal(actsAs)}`,
    ...(readOnly ? [`ALTER ROLE ${role} SET default_transaction_read_only = 'on'`] : []),
  ];
}

/** Those whose time is over, and who gets what they made by themselves: the owner of the database, when he is no superuser. */
export const ENDED_LOGINS = `SELECT r.rolname AS name, coalesce((
    SELECT o.rolname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles o ON o.oid = d.datdba
     WHERE NOT o.rolsuper AND d.datallowconn ORDER BY d.oid LIMIT 1), '${NOBODY}') AS heir
  FROM pg_catalog.pg_roles r
  WHERE pg_catalog.starts_with(r.rolname::pg_catalog.text, '${PERSON_PREFIX}') AND r.rolvaliduntil < pg_catalog.now()
    AND pg_catalog.shobj_description(r.oid, 'pg_authid') = '${MARK}'
  ORDER BY 1`;

/** With these a role is a superuser in a moment. */
const POWERS = ['pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'];

/** A role, and all it may become; up to 15 who makes roles may join any of them that is no superuser. */
const BECOMES = `WITH RECURSIVE reach AS (
    SELECT oid FROM pg_catalog.pg_roles WHERE rolname = $1
    UNION SELECT m.roleid FROM pg_catalog.pg_auth_members m JOIN reach ON m.member = reach.oid)
  SELECT coalesce(pg_catalog.bool_or(r.rolsuper OR r.rolname = ANY($2::pg_catalog.name[])
      OR (r.rolcreaterole AND pg_catalog.current_setting('server_version_num')::pg_catalog.int4 < 160000)), false) AS powerful,
    pg_catalog.count(*) > 0 AS there
  FROM reach JOIN pg_catalog.pg_roles r ON r.oid = reach.oid`;

/** Whether a role is there, and whether it is a superuser or can become one. */
export async function powerOf(session: PostgresSession, role: string): Promise<'absent' | 'powerful' | 'plain'> {
  const [found] = await session.query<{ there: boolean; powerful: boolean }>(BECOMES, [role, POWERS]);
  return found?.there !== true ? 'absent' : found.powerful ? 'powerful' : 'plain';
}
