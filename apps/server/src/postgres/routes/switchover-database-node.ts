import { SwitchoverBody } from '@windlass/resources/postgres/spec';
import { TaskResponse } from '@windlass/resources/api';
import { acceptSwitchover } from '../accept-takeover.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { optionalBody, timeOf } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/switchover */
export const switchoverDatabaseNode = defineRoute({
  operationId: 'switchover-database-node',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/switchover',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Hand a node over to a replica',
  errors: CHANGE_ERRORS,
  body: optionalBody(SwitchoverBody),
  response: TaskResponse,
  handle: ({ deps, params, body, request }) => {
    const { database_id: id, node_name: nodeName } = params;
    const { candidate_instance_id: candidate, scheduled_at: at } = body;
    const wish = { id, nodeName, candidate, scheduledAt: timeOf(at) };
    return answerTask(deps, request, (also) => acceptSwitchover(deps, wish, also));
  },
});
