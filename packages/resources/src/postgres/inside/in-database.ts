import type { Clients, PostgresSession } from '../clients/ports.ts';
import { domainErrorOf, DomainError } from '../../errors/index.ts';
import { databaseState } from './database-state.ts';
import { primaryAddress } from './with-primary.ts';

/**
 * Looks into a database at the node's primary, with no more rights than a look needs. Undefined when the database is gone:
 * whatever was in it is gone, too. Rejects with `operation_refused` when it is there and nobody can enter it. Which of these it
 * is, is asked only when it could not be entered.
 */
export async function inDatabase<T>(
  clients: Clients,
  { scope, databaseName }: { readonly scope: string; readonly databaseName: string },
  signal: AbortSignal,
  work: (session: PostgresSession) => Promise<T>,
): Promise<T | undefined> {
  const address = await primaryAddress(clients, scope);
  const enter = <R>(database: string, what: (session: PostgresSession) => Promise<R>): Promise<R> =>
    clients.postgres.session({ address, signal, as: 'look', database }, what);
  try {
    return await enter(databaseName, work);
  } catch (err) {
    if (domainErrorOf(err)?.details['sqlState'] === undefined) throw err; // it was not Postgres that refused
    const state = await enter('postgres', (session) => databaseState(session, databaseName));
    if (state === 'absent') return undefined;
    if (state === 'open') throw err;
    throw new DomainError('operation_refused', `nobody can connect to database '${databaseName}'`, { cause: err });
  }
}
