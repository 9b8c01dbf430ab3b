import { CreateTokenRequest, CreateTokenResponse } from '@windlass/resources/platform/api';
import { apiTokens, apiTokenUses } from '@windlass/resources/platform/records';
import type { KvWrite } from '@windlass/resources/store';
import { newToken } from '../../core/door/api-token.ts';
import { defineRoute } from '../../core/route.ts';
import { listReadable, type ManyDeps } from '../../core/unreadable-records.ts';
import { jsonBody } from '../../core/wire-body.ts';
import { toApiToken } from '../to-api-token.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 90;
/** For how long one that has expired is still listed, in days. */
const LISTED_DAYS = 30;

/** Removes those that nobody needs to see any more: whenever one comes, others may go. */
async function longExpired(deps: ManyDeps, now: Date): Promise<KvWrite[]> {
  const rows = await listReadable(deps, apiTokens, []);
  const gone = rows.filter(({ value }) => Date.parse(value.expiresAt) < now.getTime() - LISTED_DAYS * DAY_MS);
  return gone.flatMap(({ id: [id] }) => [apiTokens.remove(id), apiTokenUses.remove(id)]);
}

/** POST /v1/tokens */
export const createToken = defineRoute({
  operationId: 'create-token',
  method: 'POST',
  url: '/v1/tokens',
  tag: 'logins',
  needs: 'admin',
  reaches: 'everything',
  summary: 'A new login; its token is shown this once',
  errors: ['store_full'],
  body: jsonBody(CreateTokenRequest),
  response: CreateTokenResponse,
  handle: async ({ deps, body }) => {
    const { id, token, hash } = newToken();
    const now = deps.now();
    const { name, role, tenants, expires_in_days: days = DEFAULT_DAYS } = body;
    const expiresAt = new Date(now.getTime() + days * DAY_MS).toISOString();
    const limit = tenants ? { tenants } : {};
    const record = { id, name, role, ...limit, hash, createdAt: now.toISOString(), expiresAt };
    await deps.kv.commit([], [apiTokens.put(record, id), ...(await longExpired(deps, now))]);
    return { api_token: toApiToken(record), token };
  },
});
