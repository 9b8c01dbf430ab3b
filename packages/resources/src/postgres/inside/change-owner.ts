import type { PostgresSession } from '../clients/ports.ts';
import { keptBack } from './kept-back.ts';
import { boundedTransaction, type Patience } from './lock-holders.ts';
import { SYSTEM_SUPERUSER } from './system-names.ts';

export interface OwnerChange {
  readonly databaseName: string;
  readonly from: string;
  readonly to: string;
}

/**
 * In a session in the database itself: gives it to another owner with all that the former one has in it (schemas, tables,
 * functions, and what the former owner's future objects grant to others), in one transaction. What would make the new owner a
 * superuser, unless it is one, goes to the system's. Nothing that the system's own superuser has moves but the database,
 * and no other database and no tablespace of the former owner.
 */
export async function changeOwner(session: PostgresSession, change: OwnerChange, patience: Patience): Promise<void> {
  const { databaseName, from, to } = change;
  const { statements, told } = from === SYSTEM_SUPERUSER ? NOTHING : await movesOf(session, change);
  const give = `ALTER DATABASE ${session.identifier(databaseName)} OWNER TO ${session.identifier(to)}`;
  const purpose = `give database '${databaseName}' of '${from}' to '${to}'`;
  await boundedTransaction(session, [...statements, give], purpose, patience);
  for (const one of told) await patience.tell(`${one} belongs to '${SYSTEM_SUPERUSER}' now`);
}

interface Moves {
  readonly statements: readonly string[];
  readonly told: readonly string[];
}
const NOTHING: Moves = { statements: [], told: [] };

async function movesOf(session: PostgresSession, { from, to }: OwnerChange): Promise<Moves> {
  const [next] = await session.query<{ super: boolean }>(
    'SELECT rolsuper AS super FROM pg_catalog.pg_roles WHERE rolname = $1',
    [to],
  );
  const kept = next?.super === true ? [] : await keptBack(session, [from]);
  const texts = async (sql: string, ...names: string[]): Promise<string[]> =>
    (await session.query<{ text: string }>(sql, names)).map(({ text }) => text);
  return {
    statements: [
      ...kept.flatMap(({ statements }) => statements),
      ...(await texts(DEFAULT_PRIVILEGES, from, to)),
      `REASSIGN OWNED BY ${session.identifier(from)} TO ${session.identifier(to)}`,
      ...(await texts(ELSEWHERE, from)),
    ],
    told: kept.map(({ told }) => told),
  };
}

/** Whether a role is nobody's: one that nobody can log in as, such as those of another database that came with its backup. */
export const NOBODYS = `SELECT rolpassword IS NULL AS nobodys FROM pg_catalog.pg_authid WHERE rolname = $1`;

/** $1 the former owner: what is not in this database stays with it, although REASSIGN OWNED would move it. */
const ELSEWHERE = `
SELECT format('ALTER DATABASE %I OWNER TO %I', d.datname, r.rolname) AS text
  FROM pg_catalog.pg_database d JOIN pg_catalog.pg_roles r ON r.oid = d.datdba
 WHERE r.rolname = $1 AND d.datname <> current_database()
UNION ALL
SELECT format('ALTER TABLESPACE %I OWNER TO %I', t.spcname, r.rolname)
  FROM pg_catalog.pg_tablespace t JOIN pg_catalog.pg_roles r ON r.oid = t.spcowner WHERE r.rolname = $1`;

/**
 * $1 the former owner, $2 the next: default privileges, which REASSIGN OWNED leaves out. Those that hold everywhere stand for what
 * Postgres grants by itself, which is taken back before.
 */
const DEFAULT_PRIVILEGES = `
WITH role AS (SELECT f.oid AS former, n.rolname AS next FROM pg_catalog.pg_roles f, pg_catalog.pg_roles n WHERE f.rolname = $1 AND n.rolname = $2),
     entry AS (SELECT d.oid, d.defaclnamespace, d.defaclacl, role.former, role.next,
                      format('ALTER DEFAULT PRIVILEGES FOR ROLE %I%s', role.next, ' IN SCHEMA ' || quote_ident(s.nspname)) AS head,
                      CASE d.defaclobjtype WHEN 'r' THEN 'TABLES' WHEN 'S' THEN 'SEQUENCES' WHEN 'f' THEN 'FUNCTIONS'
                                           WHEN 'T' THEN 'TYPES' WHEN 'n' THEN 'SCHEMAS' WHEN 'L' THEN 'LARGE OBJECTS' END AS kind
                 FROM role JOIN pg_catalog.pg_default_acl d ON d.defaclrole = role.former
                 LEFT JOIN pg_catalog.pg_namespace s ON s.oid = d.defaclnamespace)
SELECT text FROM (
  SELECT 1 AS step, format('%s REVOKE ALL ON %s FROM PUBLIC', head, kind) AS text FROM entry WHERE defaclnamespace = 0 AND kind IN ('FUNCTIONS', 'TYPES')
  UNION ALL
  SELECT 2, format('%s GRANT %s ON %s TO %s%s', e.head, a.privilege_type, e.kind,
                   CASE WHEN a.grantee = 0 THEN 'PUBLIC' WHEN a.grantee = e.former THEN quote_ident(e.next)
                        ELSE quote_ident(pg_get_userbyid(a.grantee)) END,
                   CASE WHEN a.is_grantable AND a.grantee <> e.former THEN ' WITH GRANT OPTION' ELSE '' END)
    FROM entry e, LATERAL aclexplode(e.defaclacl) a
) all_of_them ORDER BY step`;
