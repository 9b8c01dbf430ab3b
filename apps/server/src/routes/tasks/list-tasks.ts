import { DomainError } from '@windlass/resources/errors';
import { ListTasksResponse } from '@windlass/resources/spec';
import { listTasks as readTasks, listTasksOf } from '../../tasks/read-tasks.ts';
import { queryEnum, queryText, taskQuery } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/tasks */
export const listTasks = defineRoute({
  operationId: 'list-tasks',
  method: 'GET',
  url: '/v1/tasks',
  tag: 'tasks',
  needs: 'control',
  summary: 'Tasks of everything, newest first',
  query: {
    scope: 'database or host',
    entity_id: 'Needs scope',
    after_task_id: 'Only tasks after this one',
    limit: 'At most so many',
    sort_order: 'asc or desc',
  },
  response: ListTasksResponse,
  handle: async ({ deps, query }) => {
    const scope = queryEnum(query, 'scope', ['database', 'host'] as const);
    const entityId = queryText(query, 'entity_id');
    if (entityId !== undefined && scope === undefined)
      throw new DomainError('invalid_input', 'entity_id requires scope to be set');
    const page = taskQuery(query);
    if (scope !== undefined && entityId !== undefined)
      return { tasks: await listTasksOf(deps.kv, scope, entityId, page) };
    return { tasks: await readTasks(deps.kv, scope, page) };
  },
});
