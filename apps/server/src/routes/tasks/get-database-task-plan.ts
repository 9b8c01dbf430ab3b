import { ApiPlan } from '@windlass/resources/spec';
import { taskPlan } from '../../databases/inspect.ts';
import { pathId, pathUuid } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id/tasks/:task_id/plan */
export const getDatabaseTaskPlan = defineRoute({
  operationId: 'get-database-task-plan',
  method: 'GET',
  url: '/v1/databases/:database_id/tasks/:task_id/plan',
  tag: 'tasks',
  needs: 'control',
  summary: 'The plan a task follows',
  response: ApiPlan,
  handle: ({ deps, params }) => taskPlan(deps, pathId(params, 'database_id'), pathUuid(params, 'task_id')),
});
