import { ClusterJoinOptions, ClusterJoinRequest } from '@windlass/resources/platform/api';
import { admit } from '../admit.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { defineRoute } from '../../core/route.ts';

/** POST /v1/internal/cluster/join-options */
export const getJoinOptions = defineRoute({
  operationId: 'get-join-options',
  method: 'POST',
  url: '/v1/internal/cluster/join-options',
  tag: 'cluster',
  needs: 'open',
  reaches: 'nothing',
  summary: 'What somebody who joins needs; between servers and hosts only',
  errors: ['invalid_join_token', 'too_many_attempts'],
  internal: true,
  body: jsonBody(ClusterJoinRequest),
  response: ClusterJoinOptions,
  handle: ({ deps, body, request }) => deps.membership.attempts.guard(request.ip, () => admit(deps, body)),
});
