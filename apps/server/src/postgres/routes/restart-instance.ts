import { RestartBody } from '@windlass/resources/postgres/spec';
import { TaskResponse } from '@windlass/resources/api';
import { acceptRestart } from '../accept-instance.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { jsonBody, timeOf } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/instances/:instance_id/restart. Clients of the contract send keys of no meaning. */
export const restartInstance = defineRoute({
  operationId: 'restart-instance',
  method: 'POST',
  url: '/v1/databases/:database_id/instances/:instance_id/restart',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Restart Postgres of one instance',
  errors: CHANGE_ERRORS,
  body: jsonBody(RestartBody),
  response: TaskResponse,
  handle: ({ deps, params, body, request }) => {
    const scheduledAt = timeOf(body.scheduled_at);
    const wish = { id: params.database_id, instanceId: params.instance_id, scheduledAt };
    return answerTask(deps, request, (also) => acceptRestart(deps, wish, also));
  },
});
