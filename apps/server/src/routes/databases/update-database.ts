import {
  loadSqlParser,
  UpdateDatabaseRequest,
  UpdateDatabaseResponse,
  validateUpdateRequest,
} from '@windlass/resources/spec';
import { acceptUpdate } from '../../databases/accept.ts';
import { answerOnce, etagOf, toAnswer, type AcceptedAnswer } from '../../databases/answer.ts';
import type { Accepted } from '../../databases/change-spec.ts';
import { invalid } from '../../databases/prepare-spec.ts';
import { readInstances } from '../../databases/view.ts';
import { pathId, queryBoolean, queryIds, requiredBody } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id */
export const updateDatabase = defineRoute({
  operationId: 'update-database',
  method: 'POST',
  url: '/v1/databases/:database_id',
  tag: 'databases',
  access: 'control',
  summary: 'Replace the spec of a database',
  query: {
    force_update: 'Apply unchanged resources, too',
    remove_host: 'Id of a host that is taken as gone; may be repeated',
  },
  body: UpdateDatabaseRequest,
  response: UpdateDatabaseResponse,
  handle: async ({ deps, params, query, body, request, reply }) => {
    const id = pathId(params, 'database_id');
    const force = queryBoolean(query, 'force_update');
    const goneHosts = queryIds(query, 'remove_host');
    const answer = await answerOnce<AcceptedAnswer>(deps, request, async (claimFor) => {
      await loadSqlParser();
      const checked = validateUpdateRequest(requiredBody(body), { databaseId: id });
      if ('issues' in checked) throw invalid(checked);
      const { spec, tenant_id: tenantId } = checked.request;
      const statuses = await readInstances(deps.kv, id);
      const show = (accepted: Accepted) => toAnswer(accepted, statuses, deps.now());
      const change = { id, tenantId, spec, force, goneHosts, ifMatch: request.headers['if-match'] };
      return show(await acceptUpdate(deps, change, (accepted) => claimFor(show(accepted))));
    });
    void reply.header('etag', etagOf(answer.database.revision));
    return answer;
  },
});
