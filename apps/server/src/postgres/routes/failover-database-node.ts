import { FailoverBody } from '@windlass/resources/postgres/spec';
import { TaskResponse } from '@windlass/resources/api';
import { acceptFailover } from '../accept-takeover.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { optionalBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/failover */
export const failoverDatabaseNode = defineRoute({
  operationId: 'failover-database-node',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/failover',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Have a replica take over from a primary that does not work',
  errors: CHANGE_ERRORS,
  body: optionalBody(FailoverBody),
  response: TaskResponse,
  handle: ({ deps, params, body, request }) => {
    const { database_id: id, node_name: nodeName } = params;
    const { candidate_instance_id: candidate = '', skip_validation } = body;
    const wish = { id, nodeName, candidate: candidate || undefined, skipValidation: skip_validation ?? false };
    return answerTask(deps, request, (also) => acceptFailover(deps, wish, also));
  },
});
