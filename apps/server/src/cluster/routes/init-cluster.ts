import { DomainError } from '@windlass/resources/errors';
import { ClusterJoinToken } from '@windlass/resources/platform/api';
import { initCluster as makeCluster, isInitialized } from '../cluster.ts';
import { id } from '../../core/wire-query.ts';
import { defineRoute } from '../../core/route.ts';

/** GET /v1/cluster/init */
export const initCluster = defineRoute({
  operationId: 'init-cluster',
  method: 'GET',
  url: '/v1/cluster/init',
  tag: 'cluster',
  needs: 'admin',
  reaches: 'everything',
  summary: 'Initialise the cluster; once',
  errors: ['cluster_already_initialized', 'operation_not_supported', 'store_full'],
  beforeInit: true,
  query: { cluster_id: id('Id of the new cluster; a UUID unless given') },
  response: ClusterJoinToken,
  handle: async ({ deps, query }) => {
    if (deps.join && !(await isInitialized(deps))) throw new DomainError('operation_not_supported', 'this server has no etcd of its own: join it to a cluster'); // prettier-ignore
    return makeCluster(deps, query.cluster_id);
  },
});
