import { ApiCluster } from '@windlass/resources/platform/api';
import { readCluster } from '../cluster.ts';
import { listHosts } from '../hosts.ts';
import { defineRoute } from '../../core/route.ts';

/** GET /v1/cluster */
export const getCluster = defineRoute({
  operationId: 'get-cluster',
  method: 'GET',
  url: '/v1/cluster',
  tag: 'cluster',
  needs: 'viewer',
  reaches: 'everything',
  summary: 'The cluster and its hosts',
  errors: [],
  response: ApiCluster,
  handle: async ({ deps }) => {
    const { id } = await readCluster(deps);
    return { id, status: { state: 'available' as const }, hosts: await listHosts(deps) };
  },
});
