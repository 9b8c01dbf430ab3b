import { RestoreDatabaseResponse, UndoRestoreRequest } from '@windlass/resources/spec';
import { acceptUndoRestore } from '../../databases/accept-restore.ts';
import { answerRestore } from '../../databases/answer-restore.ts';
import { parseBody } from '../../wire-body.ts';
import { pathId } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/restore:undo */
export const undoRestore = defineRoute({
  operationId: 'undo-restore',
  method: 'POST',
  url: '/v1/databases/:database_id/restore::undo',
  tag: 'databases',
  needs: 'control',
  summary: 'Put back what nodes ran with before their last restore',
  body: UndoRestoreRequest,
  bodyOptional: true,
  response: RestoreDatabaseResponse,
  checkBody: (body) => void parseBody(UndoRestoreRequest, body),
  handle: async ({ deps, params, body, request }) => {
    const id = pathId(params, 'database_id');
    const { target_nodes: targetNodes, keep_hours: keepHours } = parseBody(UndoRestoreRequest, body ?? {});
    return answerRestore(deps, request, id, (also) => acceptUndoRestore(deps, { id, targetNodes, keepHours }, also));
  },
});
