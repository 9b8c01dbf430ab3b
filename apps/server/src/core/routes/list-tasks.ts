import { DomainError } from '@windlass/resources/errors';
import { ListTasksResponse, SCOPES } from '@windlass/resources/api';
import { listTasks as readTasks, listTasksOf } from '../tasks/read-tasks.ts';
import { taskPage, toTaskQuery } from '../tasks/task-page.ts';
import { id, oneOf } from '../wire-query.ts';
import { defineRoute } from '../route.ts';
import { refuseUnreached } from '../tenant-of.ts';

/** GET /v1/tasks */
export const listTasks = defineRoute({
  operationId: 'list-tasks',
  method: 'GET',
  url: '/v1/tasks',
  tag: 'tasks',
  needs: 'viewer',
  reaches: 'own',
  summary: 'Tasks of everything, newest first',
  query: {
    scope: oneOf(SCOPES, SCOPES.join(' or ')),
    entity_id: id('Needs scope'),
    ...taskPage,
  },
  errors: ['not_found'],
  response: ListTasksResponse,
  handle: async ({ deps, query, reach }) => {
    const { scope, entity_id: entityId } = query;
    if (entityId !== undefined && scope === undefined)
      throw new DomainError('invalid_input', 'entity_id requires scope to be set');
    const page = toTaskQuery(query);
    if (scope === undefined || entityId === undefined) return { tasks: await readTasks(deps.kv, scope, page, reach) };
    await refuseUnreached(deps.kv, reach, { kind: scope, id: entityId });
    return { tasks: await listTasksOf(deps.kv, scope, entityId, page) };
  },
});
