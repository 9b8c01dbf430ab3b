import { TaskResponse } from '@windlass/resources/api';
import { acceptOneBackup } from '../accept-one-backup.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/backups/:label/verify */
export const verifyBackup = defineRoute({
  operationId: 'verify-backup',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/backups/:label/verify',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Restore a backup into a throw-away instance and read all of it',
  errors: CHANGE_ERRORS,
  response: TaskResponse,
  handle: ({ deps, params, request }) => {
    const one = { id: params.database_id, nodeName: params.node_name, label: params.label };
    return answerTask(deps, request, (also) => acceptOneBackup(deps, 'verify_backup', one, also));
  },
});
