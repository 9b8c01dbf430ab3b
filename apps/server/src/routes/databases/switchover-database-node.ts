import { SwitchoverBody, TaskResponse } from '@windlass/resources/spec';
import { acceptSwitchover } from '../../databases/accept-takeover.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { parseBody, timeOf } from '../../wire-body.ts';
import { pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/switchover */
export const switchoverDatabaseNode = defineRoute({
  operationId: 'switchover-database-node',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/switchover',
  tag: 'databases',
  access: 'control',
  summary: 'Hand a node over to a replica',
  body: SwitchoverBody,
  bodyOptional: true,
  response: TaskResponse,
  checkBody: (body) => void parseBody(SwitchoverBody, body),
  handle: async ({ deps, params, body, request }) => {
    const id = pathId(params, 'database_id');
    const nodeName = params['node_name'] ?? '';
    const { candidate_instance_id: candidate, scheduled_at: at } = parseBody(SwitchoverBody, body ?? {});
    const wish = { id, nodeName, candidate, scheduledAt: timeOf(at) };
    return answerTask(deps, request, (also) => acceptSwitchover(deps, wish, also));
  },
});
