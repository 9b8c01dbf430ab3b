import { DomainError } from '@windlass/resources/errors';
import {
  repositorySecretName,
  type RepositorySecret,
  type RestoreConfig,
  type RestoreSource,
} from '@windlass/resources/spec';
import { keys, type DatabaseRecord, type KeptBackups, type SwapRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';

/** The stored credentials of the repositories of a database, by `repositoryKey`; also those an earlier one of its id left with its backups. */
export async function knownCredentials({ kv, box }: ServerDeps, id: string): Promise<Map<string, RepositorySecret>> {
  const prefix = repositorySecretName(id, '');
  const rows = await kv.list(keys.secret(prefix));
  const names = rows.map((row) => row.key.slice(keys.secret('').length));
  return new Map(
    names.map((name, i) => [name.slice(prefix.length), JSON.parse(box.open(name, rows[i]?.value)) as RepositorySecret]),
  );
}

/** What is known of the database that made a backup; it may be gone. */
export async function readSource(deps: ServerDeps, config: RestoreConfig): Promise<RestoreSource> {
  const { source_database_id: id, source_node_name: node } = config;
  const [credentials, swaps] = await Promise.all([knownCredentials(deps, id), deps.kv.list(keys.swaps(id, node))]);
  return { credentials, changes: swaps.map((row) => row.value as SwapRecord) };
}

/** The backups of a tenant's database, also of one that is deleted, are for its own databases. */
export async function refuseOtherTenant(
  { kv }: ServerDeps,
  tenantId: string | undefined,
  { source_database_id: sourceId }: RestoreConfig,
): Promise<void> {
  const [database, left] = await Promise.all([kv.get(keys.database(sourceId)), kv.get(keys.keptBackups(sourceId))]);
  const source = (database ?? left)?.value as DatabaseRecord | KeptBackups | undefined;
  if (!source || source.tenantId === tenantId) return;
  throw new DomainError('invalid_input', `source_database_id: database '${sourceId}' belongs to another tenant`);
}
