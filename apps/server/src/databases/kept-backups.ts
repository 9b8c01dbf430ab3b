import { DomainError } from '@windlass/resources/errors';
import { effectiveNode } from '@windlass/resources/spec';
import { keys, type KeptBackups, type KvWrite } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import type { StoredDatabase } from './read-database.ts';

/** Writes down what backups a database leaves, and whose they are. */
export function keepBackups({ record, stored }: StoredDatabase, now: Date): KvWrite[] {
  const nodes = stored.spec.nodes.flatMap(({ name }) => {
    const backups = effectiveNode(stored.spec, name).backups;
    return backups ? [{ name, repositories: backups.config.repositories }] : [];
  });
  if (nodes.length === 0) return [];
  const value: KeptBackups = {
    databaseId: record.id,
    tenantId: record.tenantId,
    databaseName: stored.spec.database_name,
    deletedAt: now.toISOString(),
    nodes,
  };
  return [{ put: keys.keptBackups(record.id), value }];
}

/** The backups a deleted database left are its tenant's: nobody else gets them with its id. */
export async function refuseOthersBackups({ kv }: ServerDeps, id: string, tenantId: string | undefined): Promise<void> {
  const kept = (await kv.get(keys.keptBackups(id)))?.value as KeptBackups | undefined;
  if (kept === undefined || kept.tenantId === tenantId) return;
  throw new DomainError(
    'invalid_input',
    `id: a deleted database '${id}' of another tenant left backups; use another id`,
  );
}
