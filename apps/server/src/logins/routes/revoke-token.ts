import { DomainError } from '@windlass/resources/errors';
import { apiTokens, apiTokenUses } from '@windlass/resources/platform/records';
import { defineRoute } from '../../core/route.ts';

const ID = /^[a-z0-9]{12}$/;

/** DELETE /v1/tokens/:token_id */
export const revokeToken = defineRoute({
  operationId: 'revoke-token',
  method: 'DELETE',
  url: '/v1/tokens/:token_id',
  tag: 'logins',
  needs: 'admin',
  reaches: 'everything',
  summary:
    'Revoke a login: from the answer on nothing is changed with its token; other servers have heard of it within a second',
  errors: ['not_found'],
  handle: async ({ deps, params: { token_id: id } }) => {
    const found = ID.test(id) ? await apiTokens.get(deps.kv, id) : undefined;
    if (!found) throw new DomainError('not_found', 'no token found with the given ID');
    await deps.kv.commit([], [apiTokens.remove(id), apiTokenUses.remove(id)]);
  },
});
