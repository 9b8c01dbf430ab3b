import { DomainError } from '@windlass/resources/errors';
import { ClusterJoinToken, Identifier, ID_TEXT } from '@windlass/resources/spec';
import { initCluster as makeCluster, isInitialized } from '../../cluster/cluster.ts';
import { queryText } from '../../wire-input.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/cluster/init */
export const initCluster = defineRoute({
  operationId: 'init-cluster',
  method: 'GET',
  url: '/v1/cluster/init',
  tag: 'cluster',
  needs: 'control',
  summary: 'Initialise the cluster; once',
  beforeInit: true,
  query: { cluster_id: 'Id of the new cluster; a UUID unless given' },
  response: ClusterJoinToken,
  handle: async ({ deps, query }) => {
    const id = queryText(query, 'cluster_id');
    if (id !== undefined && !Identifier.safeParse(id).success)
      throw new DomainError('invalid_input', `cluster_id: ${ID_TEXT}`);
    if (deps.join && !(await isInitialized(deps))) throw new DomainError('operation_not_supported', 'this server has no etcd of its own: join it to a cluster'); // prettier-ignore
    return makeCluster(deps, id);
  },
});
