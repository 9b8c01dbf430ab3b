import { DomainError } from '@windlass/resources/errors';
import { ClusterJoinToken } from '@windlass/resources/spec';
import { isInitialized } from '../../cluster/cluster.ts';
import { parseBody } from '../../wire-body.ts';
import { defineRoute } from '../../route.ts';

/** POST /v1/cluster/join */
export const joinCluster = defineRoute({
  operationId: 'join-cluster',
  method: 'POST',
  url: '/v1/cluster/join',
  tag: 'cluster',
  needs: 'control',
  summary: 'Join this server to an existing cluster; answers 204',
  beforeInit: true,
  body: ClusterJoinToken,
  checkBody: (body) => void parseBody(ClusterJoinToken, body),
  handle: async ({ deps, body, reply }) => {
    if (await isInitialized(deps)) throw new DomainError('cluster_already_initialized');
    if (!deps.join) throw new DomainError('invalid_input', 'this server has an etcd of its own: initialise it, or start it without one'); // prettier-ignore
    await deps.join(parseBody(ClusterJoinToken, body));
    return reply.code(204).removeHeader('content-type').send();
  },
});
