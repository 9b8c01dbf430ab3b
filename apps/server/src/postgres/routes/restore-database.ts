import {
  RestoreDatabaseRequest,
  RestoreDatabaseResponse,
  validateRestoreRequest,
} from '@windlass/resources/postgres/spec';
import { acceptRestore } from '../accept-restore.ts';
import { answerRestore } from '../answer-restore.ts';
import { invalid } from '../prepare-spec.ts';
import { checkedBody } from '../../core/wire-body.ts';
import { flag } from '../../core/wire-query.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/restore */
export const restoreDatabase = defineRoute({
  operationId: 'restore-database',
  method: 'POST',
  url: '/v1/databases/:database_id/restore',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Restore nodes of a database from a backup',
  errors: [...CHANGE_ERRORS, 'operation_refused'],
  query: { force: flag('Take over from a task that runs') },
  body: checkedBody(RestoreDatabaseRequest, (body, { now }) => {
    const checked = validateRestoreRequest(body, now);
    if ('issues' in checked) throw invalid(checked);
    return checked.request;
  }),
  response: RestoreDatabaseResponse,
  handle: ({ deps, params, query, body, request }) => {
    const { database_id: id } = params;
    const wish = { id, force: query.force, request: body };
    return answerRestore(deps, request, id, (also) => acceptRestore(deps, wish, also));
  },
});
