import type { PostgresSession } from '../clients/ports.ts';

/** `invalid`: what a DROP DATABASE leaves that was interrupted; `shut`: connections to it are not allowed. */
export type DatabaseState = 'absent' | 'invalid' | 'shut' | 'open';

/** The state of a row of pg_database. */
export const STATE = `CASE WHEN datconnlimit OPERATOR(pg_catalog.=) -2 THEN 'invalid' WHEN datallowconn THEN 'open' ELSE 'shut' END`;

/** Asked in another database. */
export async function databaseState(session: PostgresSession, name: string): Promise<DatabaseState> {
  const [found] = await session.query<{ state: DatabaseState }>(
    `SELECT ${STATE} AS state FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) $1`,
    [name],
  );
  return found?.state ?? 'absent';
}
