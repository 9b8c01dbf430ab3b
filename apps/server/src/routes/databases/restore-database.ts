import { RestoreDatabaseRequest, RestoreDatabaseResponse, validateRestoreRequest } from '@windlass/resources/spec';
import { acceptRestore } from '../../databases/accept-restore.ts';
import { answerRestore } from '../../databases/answer-restore.ts';
import { invalid } from '../../databases/prepare-spec.ts';
import { pathId, queryBoolean, requiredBody } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/restore */
export const restoreDatabase = defineRoute({
  operationId: 'restore-database',
  method: 'POST',
  url: '/v1/databases/:database_id/restore',
  tag: 'databases',
  needs: 'control',
  summary: 'Restore nodes of a database from a backup',
  query: { force: 'Take over from a task that runs' },
  body: RestoreDatabaseRequest,
  response: RestoreDatabaseResponse,
  handle: async ({ deps, params, query, body, request }) => {
    const id = pathId(params, 'database_id');
    const force = queryBoolean(query, 'force');
    const checked = validateRestoreRequest(requiredBody(body), deps.now());
    if ('issues' in checked) throw invalid(checked);
    return answerRestore(deps, request, id, (also) => acceptRestore(deps, { id, force, ...checked }, also));
  },
});
