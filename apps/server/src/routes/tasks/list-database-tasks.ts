import { ListTasksResponse } from '@windlass/resources/spec';
import { listTasksOf } from '../../tasks/read-tasks.ts';
import { pathId, taskQuery } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id/tasks */
export const listDatabaseTasks = defineRoute({
  operationId: 'list-database-tasks',
  method: 'GET',
  url: '/v1/databases/:database_id/tasks',
  tag: 'tasks',
  needs: 'control',
  summary: 'Tasks of a database',
  query: {
    after_task_id: 'Only tasks after this one in the order',
    limit: 'At most so many',
    sort_order: 'asc or desc',
  },
  response: ListTasksResponse,
  handle: async ({ deps, params, query }) => ({
    tasks: await listTasksOf(deps.kv, 'database', pathId(params, 'database_id'), taskQuery(query)),
  }),
});
