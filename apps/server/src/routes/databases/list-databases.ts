import { ListDatabasesResponse } from '@windlass/resources/spec';
import type { DatabaseRecord } from '@windlass/resources/store';
import { readInstances, toApiDatabase } from '../../databases/view.ts';
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
    const records = (await deps.kv.list('databases/')).map((row) => row.value as DatabaseRecord);
    const databases = records.map(async (record) =>
      toApiDatabase(record, await readInstances(deps.kv, record.id), deps.now()),
    );
    return { databases: await Promise.all(databases) };
  },
});
