import { ClusterJoinToken } from '@windlass/resources/platform/api';
import { newJoinToken } from '../join-tokens.ts';
import { defineRoute } from '../../core/route.ts';

/** GET /v1/cluster/join-token */
export const getJoinToken = defineRoute({
  operationId: 'get-join-token',
  method: 'GET',
  url: '/v1/cluster/join-token',
  tag: 'cluster',
  needs: 'admin',
  reaches: 'everything',
  summary: 'A new token with which one host or server joins, once',
  errors: ['store_full'],
  response: ClusterJoinToken,
  handle: async ({ deps }) => {
    const token = newJoinToken(deps, { reusable: false });
    await deps.kv.commit([], [token.write]);
    return token.answer;
  },
});
