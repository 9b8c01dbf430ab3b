import {
  CreateDatabaseRequest,
  loadSqlParser,
  UpdateDatabaseRequest,
  validateCreateRequest,
  validateUpdateRequest,
} from '@windlass/resources/postgres/spec';
import { checkedBody } from '../core/wire-body.ts';
import { invalid } from './prepare-spec.ts';

/** The body of a create: `invalid_input` for every broken rule, one a line. */
export const createBody = checkedBody(CreateDatabaseRequest, async (body) => {
  await loadSqlParser();
  const checked = validateCreateRequest(body);
  if ('issues' in checked) throw invalid(checked);
  return checked.request;
});

/** The body of an update, whose rules know whose it is. */
export const updateBody = checkedBody(UpdateDatabaseRequest, async (body, { params }) => {
  await loadSqlParser();
  const checked = validateUpdateRequest(body, { databaseId: params['database_id'] });
  if ('issues' in checked) throw invalid(checked);
  return checked.request;
});
