import { BackupOptions, TaskResponse } from '@windlass/resources/spec';
import { acceptBackup } from '../../databases/accept-backup.ts';
import { answerTask } from '../../entities/answer-task.ts';
import { parseBody } from '../../wire-body.ts';
import { pathId, queryBoolean } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/databases/:database_id/nodes/:node_name/backups */
export const backupDatabaseNode = defineRoute({
  operationId: 'backup-database-node',
  method: 'POST',
  url: '/v1/databases/:database_id/nodes/:node_name/backups',
  tag: 'databases',
  access: 'control',
  summary: 'Take a backup of a node',
  query: { force: 'Also while the database cannot be changed' },
  body: BackupOptions,
  response: TaskResponse,
  checkBody: (body) => void parseBody(BackupOptions, body),
  handle: async ({ deps, params, query, body, request }) => {
    const id = pathId(params, 'database_id');
    const nodeName = params['node_name'] ?? '';
    const wish = { id, nodeName, force: queryBoolean(query, 'force'), options: parseBody(BackupOptions, body) };
    return answerTask(deps, request, (also) => acceptBackup(deps, wish, also));
  },
});
