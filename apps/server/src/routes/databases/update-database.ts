import { DomainError } from '@windlass/resources/errors';
import {
  loadSqlParser,
  UpdateDatabaseRequest,
  UpdateDatabaseResponse,
  validateUpdateRequest,
} from '@windlass/resources/spec';
import { acceptUpdate } from '../../databases/accept.ts';
import { once } from '../../databases/idempotency.ts';
import { invalid } from '../../databases/prepare-spec.ts';
import { readInstances, toApiDatabase } from '../../databases/view.ts';
import { toApiTask } from '../../tasks/read-tasks.ts';
import { pathId, queryBoolean, requiredBody } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id */
export const updateDatabase = defineRoute({
  operationId: 'update-database',
  method: 'POST',
  url: '/v1/databases/:database_id',
  tag: 'databases',
  summary: 'Replace the spec of a database',
  query: { force_update: 'Apply unchanged resources, too' },
  body: UpdateDatabaseRequest,
  response: UpdateDatabaseResponse,
  handle: ({ deps, params, query, body, request }) =>
    once(deps, request.headers['idempotency-key'], body, async () => {
      const id = pathId(params, 'database_id');
      const force = queryBoolean(query, 'force_update');
      if (query['remove_host'] !== undefined)
        throw new DomainError('operation_not_supported', 'remove_host: removing hosts is not carried out yet');
      await loadSqlParser();
      const checked = validateUpdateRequest(requiredBody(body), { databaseId: id });
      if ('issues' in checked) throw invalid(checked);
      const { spec, tenant_id: tenantId } = checked.request;
      const ifMatch = request.headers['if-match'];
      const { task, record, stored, revision } = await acceptUpdate(deps, { id, tenantId, spec, force, ifMatch });
      const database = toApiDatabase(record, await readInstances(deps.kv, id), deps.now(), { stored, revision });
      return { task: toApiTask(task), database };
    }),
});
