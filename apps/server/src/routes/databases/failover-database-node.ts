import { FailoverBody, TaskResponse } from '@windlass/resources/spec';
import { acceptFailover } from '../../databases/accept-takeover.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { parseBody } from '../../wire-body.ts';
import { pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/failover */
export const failoverDatabaseNode = defineRoute({
  operationId: 'failover-database-node',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/failover',
  tag: 'databases',
  access: 'control',
  summary: 'Have a replica take over from a primary that does not work',
  body: FailoverBody,
  bodyOptional: true,
  response: TaskResponse,
  checkBody: (body) => void parseBody(FailoverBody, body),
  handle: async ({ deps, params, body, request }) => {
    const id = pathId(params, 'database_id');
    const nodeName = params['node_name'] ?? '';
    const { candidate_instance_id: candidate = '', skip_validation } = parseBody(FailoverBody, body ?? {});
    const wish = { id, nodeName, candidate: candidate || undefined, skipValidation: skip_validation ?? false };
    return answerTask(deps, request, (also) => acceptFailover(deps, wish, also));
  },
});
