import {
  CreateDatabaseRequest,
  CreateDatabaseResponse,
  loadSqlParser,
  validateCreateRequest,
} from '@windlass/resources/spec';
import { acceptCreate } from '../../databases/accept.ts';
import { once } from '../../databases/idempotency.ts';
import { invalid } from '../../databases/prepare-spec.ts';
import { toApiDatabase } from '../../databases/view.ts';
import { toApiTask } from '../../tasks/read-tasks.ts';
import { requiredBody } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases */
export const createDatabase = defineRoute({
  operationId: 'create-database',
  method: 'POST',
  url: '/v1/databases',
  tag: 'databases',
  summary: 'Declare a database',
  body: CreateDatabaseRequest,
  response: CreateDatabaseResponse,
  handle: ({ deps, body, request }) =>
    once(deps, request.headers['idempotency-key'], body, async () => {
      await loadSqlParser();
      const checked = validateCreateRequest(requiredBody(body));
      if ('issues' in checked) throw invalid(checked);
      const { task, record, stored, revision } = await acceptCreate(deps, checked.request);
      return { task: toApiTask(task), database: toApiDatabase(record, [], deps.now(), { stored, revision }) };
    }),
});
