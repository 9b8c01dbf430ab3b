import { ApiTask } from '@windlass/resources/spec';
import { getTask, toApiTask } from '../../tasks/read-tasks.ts';
import { pathId, pathUuid } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id/tasks/:task_id */
export const getDatabaseTask = defineRoute({
  operationId: 'get-database-task',
  method: 'GET',
  url: '/v1/databases/:database_id/tasks/:task_id',
  tag: 'tasks',
  needs: 'control',
  summary: 'One task of a database',
  response: ApiTask,
  handle: async ({ deps, params }) =>
    toApiTask(await getTask(deps.kv, 'database', pathId(params, 'database_id'), pathUuid(params, 'task_id'))),
});
