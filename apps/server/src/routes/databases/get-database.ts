import { ApiDatabase } from '@windlass/resources/spec';
import { etagOf } from '../../databases/answer.ts';
import { listHostRecords } from '../../cluster/hosts.ts';
import { asksForUpgrades, upgradesOf } from '../../databases/available-upgrades.ts';
import { backupConditions } from '../../databases/backup-conditions.ts';
import { readBackups, toBackupStatus } from '../../databases/backup-status.ts';
import { instanceConditions } from '../../databases/instance-conditions.ts';
import { readDatabase } from '../../databases/read-database.ts';
import { readInstances, toApiDatabase } from '../../databases/view.ts';
import { pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id */
export const getDatabase = defineRoute({
  operationId: 'get-database',
  method: 'GET',
  url: '/v1/databases/:database_id',
  tag: 'databases',
  access: 'control',
  summary: 'One database',
  query: { include: '`available_upgrades` adds the newer images of the same major version' },
  response: ApiDatabase,
  handle: async ({ deps, params, query, reply }) => {
    const id = pathId(params, 'database_id');
    const [{ record, stored, specRevision }, statuses] = await Promise.all([
      readDatabase(deps, id),
      readInstances(deps.kv, id),
    ]);
    void reply.header('etag', etagOf(specRevision));
    const shown = toApiDatabase(record, statuses, deps.now(), { stored, revision: specRevision });
    const backups = await readBackups(deps.kv, id, stored);
    const conditions = [
      ...instanceConditions(statuses),
      ...backupConditions(record, stored, backups, statuses, deps.now()),
    ];
    return {
      ...shown,
      ...(asksForUpgrades(query['include']) && upgradesOf(stored, await listHostRecords(deps))),
      ...(backups.length > 0 && { backups: backups.map((one) => toBackupStatus(one, stored, statuses, deps.now())) }),
      ...(conditions.length > 0 && { conditions }),
    };
  },
});
