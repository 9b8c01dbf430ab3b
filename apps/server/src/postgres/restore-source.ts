import { DomainError } from '@windlass/resources/errors';
import { databaseRecords, keptBackupRecords, swapRecords } from '@windlass/resources/postgres/records';
import {
  repositorySecretName,
  type RepositorySecret,
  type RestoreConfig,
  type RestoreSource,
} from '@windlass/resources/postgres/spec';
import type { ServerDeps } from '../core/deps.ts';
import { readSecrets } from '../core/secrets.ts';
import { repositorySecret } from './repository-secret.ts';

/** The stored credentials of the repositories of a database, by `repositoryKey`; also those an earlier one of its id left with its backups. */
export const knownCredentials = (deps: ServerDeps, id: string): Promise<ReadonlyMap<string, RepositorySecret>> =>
  readSecrets(deps, repositorySecretName(id, ''), repositorySecret);

/** What is known of the database that made a backup; it may be gone. */
export async function readSource(deps: ServerDeps, config: RestoreConfig): Promise<RestoreSource> {
  const { source_database_id: id, source_node_name: node } = config;
  const [credentials, swaps] = await Promise.all([knownCredentials(deps, id), swapRecords.list(deps.kv, [id, node])]);
  return { credentials, changes: swaps.map(({ value }) => value) };
}

/** The backups of a tenant's database, also of one that is deleted, are for its own databases. */
export async function refuseOtherTenant(
  { kv }: ServerDeps,
  tenantId: string | undefined,
  { source_database_id: sourceId }: RestoreConfig,
): Promise<void> {
  const [database, left] = await Promise.all([databaseRecords.get(kv, sourceId), keptBackupRecords.get(kv, sourceId)]);
  const source = (database ?? left)?.value;
  if (!source || source.tenantId === tenantId) return;
  throw new DomainError('invalid_input', `source_database_id: database '${sourceId}' belongs to another tenant`);
}
