import { DeleteDatabaseResponse } from '@windlass/resources/spec';
import { acceptDelete } from '../../databases/accept.ts';
import { toApiTask } from '../../tasks/read-tasks.ts';
import { pathId, queryBoolean } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** DELETE /v1/databases/:database_id */
export const deleteDatabase = defineRoute({
  operationId: 'delete-database',
  method: 'DELETE',
  url: '/v1/databases/:database_id',
  tag: 'databases',
  needs: 'control',
  summary: 'Delete a database and everything it has',
  query: {
    force: 'Also while an operation is running: it is canceled',
    purge_backups: 'Remove its backups, too; else they stay in their repositories',
  },
  response: DeleteDatabaseResponse,
  handle: async ({ deps, params, query }) => ({
    task: toApiTask(
      await acceptDelete(deps, pathId(params, 'database_id'), {
        force: queryBoolean(query, 'force'),
        purgeBackups: queryBoolean(query, 'purge_backups'),
      }),
    ),
  }),
});
