import { TaskResponse } from '@windlass/resources/spec';
import { acceptStop } from '../../databases/accept-instance.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { pathId, queryBoolean } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/instances/:instance_id/stop-instance */
export const stopInstance = defineRoute({
  operationId: 'stop-instance',
  method: 'POST',
  url: '/v1/databases/:database_id/instances/:instance_id/stop-instance',
  tag: 'databases',
  access: 'control',
  summary: 'Stop an instance until it is started again',
  query: { force: 'Also while an operation is running: it is canceled' },
  response: TaskResponse,
  handle: async ({ deps, params, query, request }) => {
    const wish = {
      id: pathId(params, 'database_id'),
      instanceId: params['instance_id'] ?? '',
      force: queryBoolean(query, 'force'),
    };
    return answerTask(deps, request, (also) => acceptStop(deps, wish, also));
  },
});
