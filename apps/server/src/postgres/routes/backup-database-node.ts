import { BackupOptions } from '@windlass/resources/postgres/spec';
import { TaskResponse } from '@windlass/resources/api';
import { acceptBackup } from '../accept-backup.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { flag } from '../../core/wire-query.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/backups */
export const backupDatabaseNode = defineRoute({
  operationId: 'backup-database-node',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/backups',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'Take a backup of a node',
  errors: CHANGE_ERRORS,
  query: { force: flag('Also while the database cannot be changed') },
  body: jsonBody(BackupOptions),
  response: TaskResponse,
  handle: ({ deps, params, query, body, request }) => {
    const wish = { id: params.database_id, nodeName: params.node_name, force: query.force, options: body };
    return answerTask(deps, request, (also) => acceptBackup(deps, wish, also));
  },
});
