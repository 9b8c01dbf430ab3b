import { DomainError } from '@windlass/resources/errors';
import { ApiHost } from '@windlass/resources/platform/api';
import { readHost, toApiHost } from '../../cluster/hosts.ts';
import { defineRoute } from '../../core/route.ts';

/** GET /v1/hosts/:host_id */
export const getHost = defineRoute({
  operationId: 'get-host',
  method: 'GET',
  url: '/v1/hosts/:host_id',
  tag: 'hosts',
  needs: 'member',
  reaches: 'everything',
  summary: 'One host',
  errors: ['not_found'],
  response: ApiHost,
  handle: async ({ deps, params }) => {
    const found = await readHost(deps.kv, params.host_id);
    if (!found) throw new DomainError('not_found', 'no host found with the given ID');
    return toApiHost(found, deps.now());
  },
});
