import { ApiTask } from '@windlass/resources/api';
import { findTask, toApiTask } from '../tasks/read-tasks.ts';
import { defineRoute } from '../route.ts';

/** GET /v1/tasks/{task_id} */
export const getTaskById = defineRoute({
  operationId: 'get-task',
  method: 'GET',
  url: '/v1/tasks/:task_id',
  tag: 'tasks',
  needs: 'viewer',
  reaches: 'own',
  summary: 'One task, whatever it is about',
  errors: ['not_found'],
  response: ApiTask,
  handle: async ({ deps, params, reach }) => toApiTask(await findTask(deps.kv, params.task_id, reach)),
});
