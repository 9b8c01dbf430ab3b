import { TaskResponse } from '@windlass/resources/spec';
import { acceptStart } from '../../databases/accept-instance.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { pathId, queryBoolean } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/instances/:instance_id/start-instance */
export const startInstance = defineRoute({
  operationId: 'start-instance',
  method: 'POST',
  url: '/v1/databases/:database_id/instances/:instance_id/start-instance',
  tag: 'databases',
  access: 'control',
  summary: 'Start an instance that is stopped',
  query: { force: 'Also while an operation is running: it is canceled' },
  response: TaskResponse,
  handle: async ({ deps, params, query, request }) => {
    const wish = {
      id: pathId(params, 'database_id'),
      instanceId: params['instance_id'] ?? '',
      force: queryBoolean(query, 'force'),
    };
    return answerTask(deps, request, (also) => acceptStart(deps, wish, also));
  },
});
