import { InstanceLogResponse } from '@windlass/resources/postgres/spec';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { ASK_HOSTS_ERRORS } from '../../core/route-errors.ts';
import { integer, words } from '../../core/wire-query.ts';
import { readLog } from '../read-log.ts';

/** GET /v1/databases/:database_id/instances/:instance_id/log. Logs have statements of users: a viewer does not see them. */
export const getInstanceLog = defineRoute({
  operationId: 'get-instance-log',
  method: 'GET',
  url: '/v1/databases/:database_id/instances/:instance_id/log',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'What Postgres and Patroni of an instance wrote, without passwords',
  errors: ['not_found', 'docker_unavailable', ...ASK_HOSTS_ERRORS],
  query: {
    since: words('Written at this time or later, RFC 3339'),
    after: words('The `next` of the answer before: what came since'),
    limit: integer('So many lines, the newest, 1 to 1000; 200 when absent'),
  },
  response: InstanceLogResponse,
  handle: ({ deps, params, query }) =>
    readLog(deps, { id: params.database_id, instanceId: params.instance_id, ...query }),
});
