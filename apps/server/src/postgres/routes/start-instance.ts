import { TaskResponse } from '@windlass/resources/api';
import { acceptStart } from '../accept-instance.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { flag } from '../../core/wire-query.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/instances/:instance_id/start-instance */
export const startInstance = defineRoute({
  operationId: 'start-instance',
  method: 'POST',
  url: '/v1/databases/:database_id/instances/:instance_id/start-instance',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Start an instance that is stopped',
  errors: CHANGE_ERRORS,
  query: { force: flag('Also while an operation is running: it is canceled') },
  response: TaskResponse,
  handle: ({ deps, params, query, request }) => {
    const wish = { id: params.database_id, instanceId: params.instance_id, force: query.force };
    return answerTask(deps, request, (also) => acceptStart(deps, wish, also));
  },
});
