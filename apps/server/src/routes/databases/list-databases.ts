import { ListDatabasesResponse } from '@windlass/resources/spec';
import type { DatabaseRecord } from '@windlass/resources/store';
import { readAllInstances, toApiDatabase } from '../../databases/view.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases */
export const listDatabases = defineRoute({
  operationId: 'list-databases',
  method: 'GET',
  url: '/v1/databases',
  tag: 'databases',
  summary: 'All databases',
  response: ListDatabasesResponse,
  handle: async ({ deps }) => {
    const [records, statuses] = await Promise.all([deps.kv.list('databases/'), readAllInstances(deps.kv)]);
    const databases = records.map((row) => {
      const record = row.value as DatabaseRecord;
      return toApiDatabase(record, statuses.get(record.id) ?? [], deps.now());
    });
    return { databases };
  },
});
