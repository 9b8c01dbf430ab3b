import { DomainError } from '@windlass/resources/errors';
import { ClusterJoinToken } from '@windlass/resources/platform/api';
import { isInitialized } from '../cluster.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';

/** POST /v1/cluster/join */
export const joinCluster = defineRoute({
  operationId: 'join-cluster',
  method: 'POST',
  url: '/v1/cluster/join',
  tag: 'cluster',
  needs: 'admin',
  reaches: 'everything',
  summary: 'Join this server to an existing cluster; answers 204',
  errors: ['cluster_already_initialized', 'invalid_join_token'],
  beforeInit: true,
  unaudited: true,
  body: jsonBody(ClusterJoinToken),
  handle: async ({ deps, body }) => {
    if (await isInitialized(deps)) throw new DomainError('cluster_already_initialized');
    if (!deps.join) throw new DomainError('invalid_input', 'this server has an etcd of its own: initialise it, or start it without one'); // prettier-ignore
    await deps.join(body);
  },
});
