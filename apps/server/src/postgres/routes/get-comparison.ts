import { ApiComparison } from '@windlass/resources/postgres/spec';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { showComparison } from '../comparisons.ts';

/** GET /v1/databases/:database_id/compare */
export const getComparison = defineRoute({
  operationId: 'get-comparison',
  method: 'GET',
  url: '/v1/databases/:database_id/compare',
  tag: 'databases',
  needs: 'viewer',
  reaches: oneDatabase,
  summary: 'What the last comparison of the nodes found',
  errors: ['not_found'],
  response: ApiComparison,
  handle: ({ deps, params }) => showComparison(deps, params.database_id),
});
