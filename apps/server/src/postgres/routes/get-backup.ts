import { BackupResponse } from '@windlass/resources/postgres/spec';
import { getBackup as get } from '../backups.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';

/** GET /v1/databases/:database_id/nodes/:node_name/backups/:label */
export const getBackup = defineRoute({
  operationId: 'get-backup',
  method: 'GET',
  url: '/v1/databases/:database_id/nodes/:node_name/backups/:label',
  tag: 'databases',
  needs: 'viewer',
  reaches: oneDatabase,
  summary: 'One backup of a node',
  errors: ['not_found'],
  response: BackupResponse,
  handle: async ({ deps, params }) => ({
    backup: await get(deps, params.database_id, params.node_name, params.label),
  }),
});
