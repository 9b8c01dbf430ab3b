import { ListHostsResponse } from '@windlass/resources/platform/api';
import { listHosts as readHosts } from '../../cluster/hosts.ts';
import { defineRoute } from '../../core/route.ts';

/** GET /v1/hosts */
export const listHosts = defineRoute({
  operationId: 'list-hosts',
  method: 'GET',
  url: '/v1/hosts',
  tag: 'hosts',
  needs: 'viewer',
  reaches: 'everything',
  summary: 'All hosts',
  errors: [],
  response: ListHostsResponse,
  handle: async ({ deps }) => ({ hosts: await readHosts(deps) }),
});
