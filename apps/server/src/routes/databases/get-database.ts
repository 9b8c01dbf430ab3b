import { ApiDatabase } from '@windlass/resources/spec';
import { etagOf } from '../../databases/answer.ts';
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
  summary: 'One database',
  response: ApiDatabase,
  handle: async ({ deps, params, reply }) => {
    const id = pathId(params, 'database_id');
    const [{ record, stored, specRevision }, statuses] = await Promise.all([
      readDatabase(deps, id),
      readInstances(deps.kv, id),
    ]);
    void reply.header('etag', etagOf(specRevision));
    return toApiDatabase(record, statuses, deps.now(), { stored, revision: specRevision });
  },
});
