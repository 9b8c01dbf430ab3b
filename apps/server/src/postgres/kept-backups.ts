import { DomainError } from '@windlass/resources/errors';
import { keptBackupRecords, type KeptBackups } from '@windlass/resources/postgres/records';
import { effectiveNode } from '@windlass/resources/postgres/spec';
import type { KvWrite } from '@windlass/resources/store';
import type { ServerDeps } from '../core/deps.ts';
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
  return [keptBackupRecords.put(value, record.id)];
}

/** The backups a deleted database left are its tenant's: nobody else gets them with its id. */
export async function refuseOthersBackups({ kv }: ServerDeps, id: string, tenantId: string | undefined): Promise<void> {
  const kept = (await keptBackupRecords.get(kv, id))?.value;
  if (kept === undefined || kept.tenantId === tenantId) return;
  throw new DomainError(
    'invalid_input',
    `id: a deleted database '${id}' of another tenant left backups; use another id`,
  );
}
