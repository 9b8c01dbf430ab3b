import { backupChecks, type BackupCheck } from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';

/** What is known of the backups of a node because somebody restored them to see, by `<repository>/<label>`. */
export async function readChecks(
  kv: Kv,
  databaseId: string,
  nodeName: string,
): Promise<ReadonlyMap<string, BackupCheck>> {
  const rows = await backupChecks.list(kv, [databaseId, nodeName]);
  return new Map(rows.map(({ id: [, , repository, label], value }) => [`${repository}/${label}`, value]));
}
