import { ApplyUpgradeRequest, UpdateDatabaseResponse } from '@windlass/resources/postgres/spec';
import { acceptUpgrade } from '../accept-upgrade.ts';
import { answerOnce, toAnswer, type AcceptedAnswer } from '../answer.ts';
import { etagOf } from '../../entities/entity-tag.ts';
import type { Accepted } from '../change-spec.ts';
import { readInstances } from '../view.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/upgrade */
export const applyUpgrade = defineRoute({
  operationId: 'apply-upgrade',
  method: 'POST',
  url: '/v1/databases/:database_id/upgrade',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
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
