import type { Clients, PostgresSession } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { databaseState } from './database-state.ts';
import { primaryAddress } from './with-primary.ts';

/**
 * Looks into a database at the node's primary, with no more rights than a look needs. Undefined when the database is gone: whatever was in it is gone, too. Rejects with
 * `operation_refused` when it is there and nobody can enter it.
 */
export async function inDatabase<T>(
  clients: Clients,
  at: { readonly scope: string; readonly databaseName: string },
  signal: AbortSignal,
  work: (session: PostgresSession) => Promise<T>,
): Promise<T | undefined> {
  const address = await primaryAddress(clients, at.scope);
  const looked = { address, signal, as: 'look' } as const;
  const state = await clients.postgres.session({ ...looked, database: 'postgres' }, (session) =>
    databaseState(session, at.databaseName),
  );
  if (state === 'absent') return undefined;
  if (state !== 'open')
    throw new DomainError('operation_refused', `nobody can connect to database '${at.databaseName}'`);
  return clients.postgres.session({ ...looked, database: at.databaseName }, work);
}
