import { DomainError } from '@windlass/resources/errors';
import { ApiTask } from '@windlass/resources/spec';
import { cancelTask } from '../../tasks/cancel-task.ts';
import { toApiTask } from '../../tasks/read-tasks.ts';
import { parseUuid, pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id/tasks/:task_id/cancel */
export const cancelDatabaseTask = defineRoute({
  operationId: 'cancel-database-task',
  method: 'GET',
  url: '/v1/databases/:database_id/tasks/:task_id/cancel',
  tag: 'tasks',
  needs: 'control',
  summary: 'Cancel a task',
  response: ApiTask,
  handle: async ({ deps, params }) => {
    const id = pathId(params, 'database_id');
    const given = params['task_id'] ?? '';
    const taskId = parseUuid(given);
    if (taskId === undefined)
      throw new DomainError('invalid_input', `invalid task ID: "${given.slice(0, 64)}" is not a UUID`);
    return toApiTask(await cancelTask(deps, id, taskId));
  },
});
