import { TaskResponse } from '@windlass/resources/api';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { acceptResync } from '../accept-resync.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/resync */
export const resyncNode = defineRoute({
  operationId: 'resync-node',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/resync',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Make a node anew as a copy of another one; what only it has is lost',
  errors: [...CHANGE_ERRORS, 'operation_refused'],
  response: TaskResponse,
  handle: ({ deps, params, request }) => {
    const wish = { id: params.database_id, nodeName: params.node_name };
    return answerTask(deps, request, (also) => acceptResync(deps, wish, also));
  },
});
