import { readCatalogue as read, type Catalogue } from '@windlass/resources/postgres/backups';
import { backupCatalogues, backupChecks, databaseRecords } from '@windlass/resources/postgres/records';
import type { Kv, KvWrite } from '@windlass/resources/store';
import type { ActivityDeps } from '../core/deps.ts';
import { withHeartbeat } from '../core/current-run.ts';

export interface CatalogueInput {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
}

/** Reads what is in the repositories of a node, and keeps it so that the status of the database can tell. */
export function readCatalogue({ kv, clients }: ActivityDeps) {
  return async function readCatalogue(input: CatalogueInput): Promise<Catalogue> {
    const catalogue = await withHeartbeat(({ signal }) => read(clients, input.instanceId, signal));
    await keepCatalogue(kv, input, catalogue);
    return catalogue;
  };
}

/** Keeps what was read while its database is there. */
export async function keepCatalogue(
  kv: Kv,
  { databaseId, nodeName }: Pick<CatalogueInput, 'databaseId' | 'nodeName'>,
  catalogue: Catalogue,
): Promise<void> {
  const database = await databaseRecords.get(kv, databaseId);
  if (!database) return;
  const gone = await outlived(kv, { databaseId, nodeName }, catalogue);
  const put = backupCatalogues.put({ ...catalogue, readAt: new Date().toISOString() }, databaseId, nodeName);
  await kv.commit([{ key: databaseRecords.key(databaseId), revision: database.revision }], [put, ...gone]);
}

/** Results of verifying backups that are no more in their repository; of one that does not answer they are kept. */
async function outlived(
  kv: Kv,
  { databaseId, nodeName }: Pick<CatalogueInput, 'databaseId' | 'nodeName'>,
  { backups, repositories }: Catalogue,
): Promise<KvWrite[]> {
  const answered = repositories.filter((r) => r.problem === undefined).map((r) => String(r.position));
  const there = new Set(backups.map((b) => backupChecks.key(databaseId, nodeName, String(b.repository), b.label)));
  return (await backupChecks.list(kv, [databaseId, nodeName]))
    .filter(({ key, id: [, , repository] }) => !there.has(key) && answered.includes(repository))
    .map(({ id }) => backupChecks.remove(...id));
}
