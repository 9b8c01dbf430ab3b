import { GetReplicationResponse } from '@windlass/resources/postgres/spec';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { showReplication } from '../show-replication.ts';

/** GET /v1/databases/:database_id/replication */
export const getReplication = defineRoute({
  operationId: 'get-replication',
  method: 'GET',
  url: '/v1/databases/:database_id/replication',
  tag: 'databases',
  needs: 'viewer',
  reaches: oneDatabase,
  summary: 'How the nodes of a database follow one another',
  errors: ['not_found'],
  response: GetReplicationResponse,
  handle: ({ deps, params }) => showReplication(deps, params.database_id),
});
