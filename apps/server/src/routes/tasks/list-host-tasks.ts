import { ListTasksResponse } from '@windlass/resources/spec';
import { listTasksOf } from '../../tasks/read-tasks.ts';
import { pathId, taskQuery } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/hosts/:host_id/tasks */
export const listHostTasks = defineRoute({
  operationId: 'list-host-tasks',
  method: 'GET',
  url: '/v1/hosts/:host_id/tasks',
  tag: 'tasks',
  needs: 'control',
  summary: 'Tasks of a host',
  query: {
    after_task_id: 'Only tasks after this one in the order',
    limit: 'At most so many',
    sort_order: 'asc or desc',
  },
  response: ListTasksResponse,
  handle: async ({ deps, params, query }) => ({
    tasks: await listTasksOf(deps.kv, 'host', pathId(params, 'host_id'), taskQuery(query)),
  }),
});
