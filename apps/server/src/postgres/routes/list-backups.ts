import { ListBackupsResponse } from '@windlass/resources/postgres/spec';
import { listBackups as list } from '../backups.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';

/** GET /v1/databases/:database_id/nodes/:node_name/backups */
export const listBackups = defineRoute({
  operationId: 'list-backups',
  method: 'GET',
  url: '/v1/databases/:database_id/nodes/:node_name/backups',
  tag: 'databases',
  needs: 'viewer',
  reaches: oneDatabase,
  summary: 'The backups of a node, and the times it can be restored to',
  errors: ['not_found'],
  response: ListBackupsResponse,
  handle: ({ deps, params }) => list(deps, params.database_id, params.node_name),
});
