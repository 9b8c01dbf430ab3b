import { ApiTask } from '@windlass/resources/spec';
import { getTask, toApiTask } from '../../tasks/read-tasks.ts';
import { pathId, pathUuid } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/hosts/:host_id/tasks/:task_id */
export const getHostTask = defineRoute({
  operationId: 'get-host-task',
  method: 'GET',
  url: '/v1/hosts/:host_id/tasks/:task_id',
  tag: 'tasks',
  needs: 'control',
  summary: 'One task of a host',
  response: ApiTask,
  handle: async ({ deps, params }) =>
    toApiTask(await getTask(deps.kv, 'host', pathId(params, 'host_id'), pathUuid(params, 'task_id'))),
});
