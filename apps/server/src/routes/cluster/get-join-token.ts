import { ClusterJoinToken } from '@windlass/resources/spec';
import { joinToken } from '../../cluster/cluster.ts';
import { defineRoute } from '../../route.ts';

/** GET /v1/cluster/join-token */
export const getJoinToken = defineRoute({
  operationId: 'get-join-token',
  method: 'GET',
  url: '/v1/cluster/join-token',
  tag: 'cluster',
  summary: 'Token with which a host joins',
  response: ClusterJoinToken,
  handle: ({ deps }) => joinToken(deps),
});
