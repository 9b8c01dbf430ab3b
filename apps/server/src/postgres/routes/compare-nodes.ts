import { TaskResponse } from '@windlass/resources/api';
import { CompareRequest } from '@windlass/resources/postgres/spec';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { optionalBody } from '../../core/wire-body.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { acceptCompare } from '../accept-replicated.ts';

/** POST /v1/databases/:database_id/compare */
export const compareNodes = defineRoute({
  operationId: 'compare-nodes',
  method: 'POST',
  url: '/v1/databases/:database_id/compare',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Compare the tables of all nodes, and repair what differs where asked to',
  errors: CHANGE_ERRORS,
  body: optionalBody(CompareRequest),
  response: TaskResponse,
  handle: ({ deps, params, body, request }) =>
    answerTask(deps, request, (also) => acceptCompare(deps, { id: params.database_id, compare: body }, also)),
});
