import { ListTokensResponse } from '@windlass/resources/platform/api';
import { apiTokens, apiTokenUses } from '@windlass/resources/platform/records';
import { defineRoute } from '../../core/route.ts';
import { listReadable } from '../../core/unreadable-records.ts';
import { toApiToken } from '../to-api-token.ts';

/** GET /v1/tokens */
export const listTokens = defineRoute({
  operationId: 'list-tokens',
  method: 'GET',
  url: '/v1/tokens',
  tag: 'logins',
  needs: 'admin',
  reaches: 'everything',
  summary: 'Every login by token: whose it is, what it may do, when it was used last',
  errors: [],
  response: ListTokensResponse,
  handle: async ({ deps }) => {
    const [tokens, uses] = await Promise.all([listReadable(deps, apiTokens, []), listReadable(deps, apiTokenUses, [])]);
    const usedAt = new Map(uses.map(({ id: [id], value }) => [id, value]));
    return { tokens: tokens.map(({ id: [id], value }) => toApiToken(value, usedAt.get(id))) };
  },
});
