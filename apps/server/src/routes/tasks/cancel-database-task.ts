import { DomainError } from '@windlass/resources/errors';
import { ApiTask } from '@windlass/resources/spec';
import { cancelTask } from '../../tasks/cancel-task.ts';
import { toApiTask } from '../../tasks/read-tasks.ts';
import { pathId } from '../../wire-input.ts';

const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

import { defineRoute } from '../../route.ts';

/** GET /v1/databases/:database_id/tasks/:task_id/cancel */
export const cancelDatabaseTask = defineRoute({
  operationId: 'cancel-database-task',
  method: 'GET',
  url: '/v1/databases/:database_id/tasks/:task_id/cancel',
  tag: 'tasks',
  summary: 'Cancel a task',
  response: ApiTask,
  handle: async ({ deps, params }) => {
    const id = pathId(params, 'database_id');
    const taskId = params['task_id'] ?? '';
    if (!UUID.test(taskId))
      throw new DomainError('invalid_input', `invalid task ID: "${taskId.slice(0, 64)}" is not a UUID`);
    return toApiTask(await cancelTask(deps, id, taskId.toLowerCase()));
  },
});
