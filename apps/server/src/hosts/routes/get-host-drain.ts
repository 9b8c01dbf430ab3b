import { DomainError } from '@windlass/resources/errors';
import { ApiHostDrain } from '@windlass/resources/platform/api';
import { readHost, toApiDrain } from '../../cluster/hosts.ts';
import { defineRoute } from '../../core/route.ts';
import { planDrain } from '../drain-plan.ts';

/** GET /v1/hosts/:host_id/drain */
export const getHostDrain = defineRoute({
  operationId: 'get-host-drain',
  method: 'GET',
  url: '/v1/hosts/:host_id/drain',
  tag: 'hosts',
  needs: 'viewer',
  reaches: 'everything',
  summary: 'What a drain of the host would do now: who hands over, and what stays',
  errors: ['not_found'],
  response: ApiHostDrain,
  handle: async ({ deps, params }) => {
    const found = await readHost(deps.kv, params.host_id);
    if (!found) throw new DomainError('not_found', 'no host found with the given ID');
    const { moves, stays } = await planDrain(deps, params.host_id);
    return {
      host_id: params.host_id,
      ...(found.drain && { drain: toApiDrain(found.drain) }),
      moves: moves.map(({ move }) => move),
      stays: [...stays],
    };
  },
});
