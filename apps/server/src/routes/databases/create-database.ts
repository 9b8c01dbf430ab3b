import {
  CreateDatabaseRequest,
  CreateDatabaseResponse,
  loadSqlParser,
  validateCreateRequest,
} from '@windlass/resources/spec';
import { acceptCreate } from '../../databases/accept.ts';
import { answerOnce, etagOf, toAnswer, type AcceptedAnswer } from '../../databases/answer.ts';
import type { Accepted } from '../../databases/change-spec.ts';
import { invalid } from '../../databases/prepare-spec.ts';
import { requiredBody } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases */
export const createDatabase = defineRoute({
  operationId: 'create-database',
  method: 'POST',
  url: '/v1/databases',
  tag: 'databases',
  access: 'control',
  summary: 'Declare a database',
  body: CreateDatabaseRequest,
  response: CreateDatabaseResponse,
  handle: async ({ deps, body, request, reply }) => {
    const answer = await answerOnce<AcceptedAnswer>(deps, request, async (claimFor) => {
      await loadSqlParser();
      const checked = validateCreateRequest(requiredBody(body));
      if ('issues' in checked) throw invalid(checked);
      const show = (accepted: Accepted) => toAnswer(accepted, [], deps.now());
      return show(await acceptCreate(deps, checked.request, (accepted) => claimFor(show(accepted))));
    });
    void reply.header('etag', etagOf(answer.database.revision));
    return answer;
  },
});
