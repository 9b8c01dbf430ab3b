import type { ApiDatabase } from '@windlass/resources/postgres/spec';
import { listHostRecords } from '../cluster/hosts.ts';
import type { ServerDeps } from '../core/deps.ts';
import { upgradesOf } from './available-upgrades.ts';
import { backupConditions } from './backup-conditions.ts';
import { readBackups, toBackupStatus } from './backup-status.ts';
import { readCompared, withCompared } from './comparisons.ts';
import { instanceConditions } from './instance-conditions.ts';
import { readDatabase } from './read-database.ts';
import { awayConditions } from './remaking.ts';
import { readInstances, toApiDatabase } from './view.ts';

/** One database with everything that is known of it; `not_found` when there is none. */
export async function showDatabase(
  deps: ServerDeps,
  id: string,
  { withUpgrades }: { readonly withUpgrades: boolean },
): Promise<ApiDatabase> {
  const [{ record, stored, specRevision }, statuses] = await Promise.all([
    readDatabase(deps, id),
    readInstances(deps.kv, id),
  ]);
  const shown = toApiDatabase(record, statuses, deps.now(), { stored, revision: specRevision });
  const backups = await readBackups(deps.kv, id, stored);
  const found = [
    ...awayConditions(record, stored),
    ...instanceConditions(statuses),
    ...backupConditions(record, stored, backups, statuses, deps.now()),
  ];
  const compared = stored.spec.nodes.length > 1 ? await readCompared(deps.kv, id) : undefined;
  const conditions = compared ? withCompared(found, compared) : found;
  return {
    ...shown,
    ...(withUpgrades && upgradesOf(stored, await listHostRecords(deps))),
    ...(backups.length > 0 && { backups: backups.map((one) => toBackupStatus(one, stored, statuses, deps.now())) }),
    ...(conditions.length > 0 && { conditions }),
  };
}
