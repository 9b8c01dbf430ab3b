import { RestoreDatabaseResponse, UndoRestoreRequest } from '@windlass/resources/postgres/spec';
import { acceptUndoRestore } from '../accept-restore.ts';
import { answerRestore } from '../answer-restore.ts';
import { optionalBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/restore:undo */
export const undoRestore = defineRoute({
  operationId: 'undo-restore',
  method: 'POST',
  url: '/v1/databases/:database_id/restore::undo',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Put back what nodes ran with before their last restore',
  errors: [...CHANGE_ERRORS, 'operation_refused'],
  body: optionalBody(UndoRestoreRequest),
  response: RestoreDatabaseResponse,
  handle: ({ deps, params, body, request }) => {
    const { database_id: id } = params;
    const { target_nodes: targetNodes, keep_hours: keepHours } = body;
    return answerRestore(deps, request, id, (also) => acceptUndoRestore(deps, { id, targetNodes, keepHours }, also));
  },
});
