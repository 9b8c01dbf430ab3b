import type { PostgresSession } from '../clients/ports.ts';
import { SYSTEM_SUPERUSER } from './system-names.ts';

export interface OwnerChange {
  readonly databaseName: string;
  readonly from: string;
  readonly to: string;
}

/**
 * In a session in the database itself: gives it to another owner with all that the former one has in it (schemas, tables,
 * functions, and what the former owner's future objects grant to others), in one transaction. What only a superuser may own,
 * and the new owner is none, goes to the system's. Nothing that the system's own superuser has moves but the database.
 */
export async function changeOwner(session: PostgresSession, change: OwnerChange): Promise<void> {
  const [name, from, to] = [change.databaseName, change.from, change.to].map((one) => session.identifier(one));
  await session.transaction(async () => {
    if (change.from !== SYSTEM_SUPERUSER) {
      const statements = await session.query<{ text: string }>(STATEMENTS, [change.from, change.to, SYSTEM_SUPERUSER]);
      for (const { text } of statements) await session.query(text);
      await session.query(`REASSIGN OWNED BY ${from ?? ''} TO ${to ?? ''}`);
    }
    await session.query(`ALTER DATABASE ${name ?? ''} OWNER TO ${to ?? ''}`);
  });
}

/** Whether a role is nobody's: one that nobody can log in as, such as those of another database that came with its backup. */
export const NOBODYS = `SELECT rolpassword IS NULL AS nobodys FROM pg_catalog.pg_authid WHERE rolname = $1`;

/**
 * $1 the former owner, $2 the next, $3 the system's superuser. First what REASSIGN OWNED refuses, then what it leaves out:
 * default privileges. Those that hold everywhere stand for what Postgres grants by itself, which is taken back before.
 */
const STATEMENTS = `
WITH role AS (SELECT f.oid AS former, n.rolname AS next, n.rolsuper AS super
                FROM pg_catalog.pg_roles f, pg_catalog.pg_roles n WHERE f.rolname = $1 AND n.rolname = $2),
     entry AS (SELECT d.oid, d.defaclnamespace, d.defaclacl, role.former, role.next,
                      format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s', role.next, ' IN SCHEMA ' || quote_ident(s.nspname)) AS head,
                      CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                           WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END AS kind
                 FROM role JOIN pg_catalog.pg_default_acl d ON d.defaclrole = role.former
                 LEFT JOIN pg_catalog.pg_namespace s ON s.oid = d.defaclnamespace)
SELECT text FROM (
  SELECT 1 AS step, format('ALTER EVENT TRIGGER %I OWNER TO %I', e.evtname, $3::text) AS text
    FROM role JOIN pg_catalog.pg_event_trigger e ON e.evtowner = role.former WHERE NOT role.super
  UNION ALL
  SELECT 1, format('ALTER FOREIGN DATA WRAPPER %I OWNER TO %I', w.fdwname, $3::text)
    FROM role JOIN pg_catalog.pg_foreign_data_wrapper w ON w.fdwowner = role.former WHERE NOT role.super
  UNION ALL
  SELECT 1, format('ALTER SUBSCRIPTION %I OWNER TO %I', u.subname, $3::text)
    FROM role JOIN pg_catalog.pg_subscription u ON u.subowner = role.former
    JOIN pg_catalog.pg_database b ON b.oid = u.subdbid AND b.datname = current_database() WHERE NOT role.super
  UNION ALL
  SELECT 2, format('%s REVOKE ALL ON %s FROM PUBLIC', head, kind) FROM entry WHERE defaclnamespace = 0 AND kind IN ('FUNCTIONS', 'TYPES')
  UNION ALL
  SELECT 3, format('%s GRANT %s ON %s TO %s%s', e.head, a.privilege_type, e.kind,
                   CASE WHEN a.grantee = 0 THEN 'PUBLIC' WHEN a.grantee = e.former THEN quote_ident(e.next)
                        ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                   CASE WHEN a.is_grantable AND a.grantee <> e.former THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM entry e, LATERAL aclexplode(e.defaclacl) a
) all_of_them ORDER BY step`;
