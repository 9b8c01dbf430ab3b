import { randomUUID } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import { ApiPlan, CreateDatabaseRequest, loadSqlParser, validateCreateRequest } from '@windlass/resources/spec';
import { keys } from '@windlass/resources/store';
import { planFor } from '../../databases/inspect.ts';
import { invalid, prepareSpec } from '../../databases/prepare-spec.ts';
import { requiredBody } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases\\:plan */
export const planNewDatabase = defineRoute({
  operationId: 'plan-new-database',
  method: 'POST',
  url: '/v1/databases::plan',
  tag: 'databases',
  needs: 'control',
  summary: 'What declaring this database would do; changes nothing',
  body: CreateDatabaseRequest,
  response: ApiPlan,
  handle: async ({ deps, body }) => {
    await loadSqlParser();
    const checked = validateCreateRequest(requiredBody(body));
    if ('issues' in checked) throw invalid(checked);
    const id = checked.request.id ?? randomUUID();
    if (await deps.kv.get(keys.database(id))) throw new DomainError('database_already_exists');
    const { stored } = await prepareSpec(deps, id, checked.request.spec);
    return planFor(deps, id, stored);
  },
});
