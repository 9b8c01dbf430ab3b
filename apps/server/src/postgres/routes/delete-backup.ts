import { TaskResponse } from '@windlass/resources/api';
import { acceptOneBackup } from '../accept-one-backup.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** DELETE /v1/databases/:database_id/nodes/:node_name/backups/:label */
export const deleteBackup = defineRoute({
  operationId: 'delete-backup',
  method: 'DELETE',
  url: '/v1/databases/:database_id/nodes/:node_name/backups/:label',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Remove a backup and those that need it',
  errors: CHANGE_ERRORS,
  response: TaskResponse,
  handle: ({ deps, params, request }) => {
    const one = { id: params.database_id, nodeName: params.node_name, label: params.label };
    return answerTask(deps, request, (also) => acceptOneBackup(deps, 'delete_backup', one, also));
  },
});
