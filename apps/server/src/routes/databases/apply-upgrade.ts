import { ApplyUpgradeRequest, UpdateDatabaseResponse } from '@windlass/resources/spec';
import { acceptUpgrade } from '../../databases/accept-upgrade.ts';
import { answerOnce, toAnswer, type AcceptedAnswer } from '../../databases/answer.ts';
import { etagOf } from '../../entities/entity-tag.ts';
import type { Accepted } from '../../databases/change-spec.ts';
import { readInstances } from '../../databases/view.ts';
import { jsonBody } from '../../wire-body.ts';
import { defineRoute } from '../../route.ts';
import { CHANGE_ERRORS } from '../../route-errors.ts';

/** POST /v1/databases/:database_id/upgrade */
export const applyUpgrade = defineRoute({
  operationId: 'apply-upgrade',
  method: 'POST',
  url: '/v1/databases/:database_id/upgrade',
  tag: 'databases',
  needs: 'control',
  summary: 'Run another image of the same major version',
  errors: CHANGE_ERRORS,
  body: jsonBody(ApplyUpgradeRequest),
  response: UpdateDatabaseResponse,
  handle: async ({ deps, params, body, request, reply }) => {
    const { database_id: id } = params;
    const answer = await answerOnce<AcceptedAnswer>(deps, request, async (claimFor) => {
      const statuses = await readInstances(deps.kv, id);
      const show = (accepted: Accepted) => toAnswer(accepted, statuses, deps.now());
      return show(await acceptUpgrade(deps, { id, image: body.image }, (accepted) => claimFor(show(accepted))));
    });
    void reply.header('etag', etagOf(answer.database.revision));
    return answer;
  },
});
