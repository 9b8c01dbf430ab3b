import type { PostgresSession } from '../clients/ports.ts';
import { handDown } from './hand-down.ts';
import { boundedTransaction, hasSqlState, type Patience } from './lock-holders.ts';
import { endSessions } from './withdraw-access.ts';

const DEPENDENT_OBJECTS = '2BP01';

export interface Removal extends Patience {
  /** Runs work in a session of the node's primary with a database. */
  at<T>(database: string, work: (session: PostgresSession) => Promise<T>): Promise<T>;
}

/**
 * Hands down what roles own, database by database, and drops them; their access was withdrawn before. A database that nobody can
 * enter is passed over and named: who owns something there stays as a name without any right.
 */
export async function removeRoles(
  session: PostgresSession,
  names: readonly string[],
  heir: string,
  { at, ...patience }: Removal,
): Promise<void> {
  const { open, shut } = await involved(session, names);
  for (const database of open) await at(database, (inner) => handDown(inner, { names, heir, database }, patience));
  for (const name of names) await drop(session, name, shut, patience);
  await endSessions(session, names);
}

/**
 * Databases in which the roles own something or were granted something; at last always one, for what all databases share:
 * subscriptions count as shared, and can be altered only in the database that they are for.
 */
async function involved(
  session: PostgresSession,
  names: readonly string[],
): Promise<{ open: readonly string[]; shut: readonly string[] }> {
  const rows = await session.query<{ datname: string; open: boolean }>(
    `SELECT d.datname, d.datallowconn AND d.datconnlimit OPERATOR(pg_catalog.<>) -2 AS open
       FROM pg_catalog.pg_database d
      WHERE d.datname OPERATOR(pg_catalog.=) 'postgres' OR d.oid IN (
        SELECT s.dbid FROM pg_catalog.pg_shdepend s JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.refobjid
         WHERE s.refclassid OPERATOR(pg_catalog.=) 'pg_catalog.pg_authid'::pg_catalog.regclass
           AND r.rolname OPERATOR(pg_catalog.=) ANY($1::pg_catalog.name[])
        UNION ALL SELECT s.subdbid FROM pg_catalog.pg_subscription s JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.subowner
         WHERE r.rolname OPERATOR(pg_catalog.=) ANY($1::pg_catalog.name[]))
      ORDER BY d.datname OPERATOR(pg_catalog.=) 'postgres', d.datname`,
    [names],
  );
  const of = (open: boolean): string[] => rows.filter((row) => row.open === open).map((row) => row.datname);
  return { open: of(true), shut: of(false) };
}

async function drop(
  session: PostgresSession,
  name: string,
  shut: readonly string[],
  patience: Patience,
): Promise<void> {
  try {
    const statement = `DROP ROLE IF EXISTS ${session.identifier(name)}`;
    await boundedTransaction(session, [statement], `drop '${name}'`, patience);
  } catch (err) {
    if (!hasSqlState(err, DEPENDENT_OBJECTS) || shut.length === 0) throw err;
    const where = shut.map((database) => `'${database}'`).join(', ');
    await patience.tell(
      `nobody can enter database ${where}, where '${name}' owns something: the role stays there as a name without any access`,
    );
  }
}
