import { ApplyUpgradeRequest, UpdateDatabaseResponse } from '@windlass/resources/spec';
import { acceptUpgrade } from '../../databases/accept-upgrade.ts';
import { answerOnce, etagOf, toAnswer, type AcceptedAnswer } from '../../databases/answer.ts';
import type { Accepted } from '../../databases/change-spec.ts';
import { readInstances } from '../../databases/view.ts';
import { parseBody } from '../../wire-body.ts';
import { pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/upgrade */
export const applyUpgrade = defineRoute({
  operationId: 'apply-upgrade',
  method: 'POST',
  url: '/v1/databases/:database_id/upgrade',
  tag: 'databases',
  access: 'control',
  summary: 'Run another image of the same major version',
  body: ApplyUpgradeRequest,
  response: UpdateDatabaseResponse,
  checkBody: (body) => void parseBody(ApplyUpgradeRequest, body),
  handle: async ({ deps, params, body, request, reply }) => {
    const id = pathId(params, 'database_id');
    const { image } = parseBody(ApplyUpgradeRequest, body);
    const answer = await answerOnce<AcceptedAnswer>(deps, request, async (claimFor) => {
      const statuses = await readInstances(deps.kv, id);
      const show = (accepted: Accepted) => toAnswer(accepted, statuses, deps.now());
      return show(await acceptUpgrade(deps, { id, image }, (accepted) => claimFor(show(accepted))));
    });
    void reply.header('etag', etagOf(answer.database.revision));
    return answer;
  },
});
