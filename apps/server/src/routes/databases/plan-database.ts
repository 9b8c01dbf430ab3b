import { ApiPlan, loadSqlParser, UpdateDatabaseRequest, validateUpdateRequest } from '@windlass/resources/spec';
import { readDatabase } from '../../databases/read-database.ts';
import { planFor } from '../../databases/inspect.ts';
import { invalid, prepareUpdate } from '../../databases/prepare-spec.ts';
import { pathId, requiredBody } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id\\:plan */
export const planDatabase = defineRoute({
  operationId: 'plan-database',
  method: 'POST',
  url: '/v1/databases/:database_id(^[^:]+)::plan',
  tag: 'databases',
  needs: 'control',
  summary: 'What an update to this spec would do; changes nothing',
  body: UpdateDatabaseRequest,
  response: ApiPlan,
  handle: async ({ deps, params, body }) => {
    const id = pathId(params, 'database_id');
    await loadSqlParser();
    const checked = validateUpdateRequest(requiredBody(body), { databaseId: id });
    if ('issues' in checked) throw invalid(checked);
    const before = await readDatabase(deps, id);
    const { spec, tenant_id: tenantId } = checked.request;
    const { stored } = await prepareUpdate(deps, id, before, { spec, tenantId });
    return planFor(deps, id, stored);
  },
});
