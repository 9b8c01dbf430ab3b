import { RestartBody, TaskResponse } from '@windlass/resources/spec';
import { acceptRestart } from '../../databases/accept-instance.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { parseBody, timeOf } from '../../wire-body.ts';
import { pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/instances/:instance_id/restart. Clients of the contract send keys of no meaning. */
export const restartInstance = defineRoute({
  operationId: 'restart-instance',
  method: 'POST',
  url: '/v1/databases/:database_id/instances/:instance_id/restart',
  tag: 'databases',
  access: 'control',
  summary: 'Restart Postgres of one instance',
  body: RestartBody,
  response: TaskResponse,
  checkBody: (body) => void parseBody(RestartBody, body),
  handle: async ({ deps, params, body, request }) => {
    const id = pathId(params, 'database_id');
    const instanceId = params['instance_id'] ?? '';
    const wish = { id, instanceId, scheduledAt: timeOf(parseBody(RestartBody, body).scheduled_at) };
    return answerTask(deps, request, (also) => acceptRestart(deps, wish, also));
  },
});
