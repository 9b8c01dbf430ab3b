import { ListConflictsResponse } from '@windlass/resources/postgres/spec';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { ASK_HOSTS_ERRORS } from '../../core/route-errors.ts';
import { flag, integer, words } from '../../core/wire-query.ts';
import { listConflicts as list } from '../conflicts.ts';

/** GET /v1/databases/:database_id/conflicts. Rows are told only when asked for, to those who may do anything with the database. */
export const listConflicts = defineRoute({
  operationId: 'list-conflicts',
  method: 'GET',
  url: '/v1/databases/:database_id/conflicts',
  tag: 'databases',
  needs: 'viewer',
  reaches: oneDatabase,
  summary: 'Changes that were rejected because something newer was there',
  errors: ['not_found', ...ASK_HOSTS_ERRORS],
  query: {
    node: words('Of this node only'),
    table: words('Of this table only: schema.name'),
    since: words('Noticed at this time or later, RFC 3339'),
    until: words('Noticed before this time, RFC 3339'),
    after: words('The `next` of the page before'),
    limit: integer('At most so many, 1 to 1000; 100 when absent'),
    rows: flag('With the row that was rejected and the one that was kept'),
  },
  response: ListConflictsResponse,
  handle: ({ deps, params, query }) => list(deps, { id: params.database_id, ...query }),
});
