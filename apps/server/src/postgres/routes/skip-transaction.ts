import { TaskResponse } from '@windlass/resources/api';
import { SkipTransactionRequest } from '@windlass/resources/postgres/spec';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { acceptSkip } from '../accept-replicated.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/skip */
export const skipTransaction = defineRoute({
  operationId: 'skip-transaction',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/skip',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Leave out, for good, the transaction of a peer at which a node is stopped',
  errors: CHANGE_ERRORS,
  body: jsonBody(SkipTransactionRequest),
  response: TaskResponse,
  handle: ({ deps, params, body, request }) => {
    const wish = { id: params.database_id, nodeName: params.node_name, skip: body };
    return answerTask(deps, request, (also) => acceptSkip(deps, wish, also));
  },
});
