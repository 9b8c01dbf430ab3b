import { randomBytes } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import type { ClusterJoinToken } from '@windlass/resources/platform/api';
import { joinTokens } from '@windlass/resources/platform/records';
import type { KvWrite } from '@windlass/resources/store';
import { fingerprintOf, parseJoinToken } from '@windlass/resources/platform/trust';
import type { ServerDeps } from '../core/deps.ts';
import { hashOf, same } from '../core/secret-hash.ts';
import { listReadable } from '../core/unreadable-records.ts';

export interface FoundToken {
  readonly key: string;
  readonly revision: number;
  readonly reusable: boolean;
}

/** A new token: what to answer, and the write that makes it good. Only a hash of its secret is stored, until it expires. */
export function newJoinToken(
  { caPem, serverUrls, membership, now }: ServerDeps,
  { reusable }: { readonly reusable: boolean },
): { answer: ClusterJoinToken; write: KvWrite } {
  const secret = randomBytes(16).toString('hex');
  const ttlSeconds = membership.tokenMinutes * 60;
  const expiresAt = new Date(now().getTime() + ttlSeconds * 1000).toISOString();
  return {
    answer: { token: `PGEDGE-${fingerprintOf(caPem)}-${secret}`, server_urls: [...serverUrls] },
    write: { ...joinTokens.put({ expiresAt, reusable }, hashOf(secret)), ttlSeconds },
  };
}

/** The stored token this text is; else `invalid_join_token`, whatever is wrong with it. Takes as long for any text. */
export async function findJoinToken(deps: ServerDeps, token: string): Promise<FoundToken> {
  const { fingerprint, secret } = parseJoinToken(token) ?? { fingerprint: '', secret: '' };
  const wanted = joinTokens.key(hashOf(secret));
  const bound = same(fingerprint.toLowerCase(), fingerprintOf(deps.caPem));
  const rows = await listReadable(deps, joinTokens, []);
  const found = rows.filter((row) => same(row.key, wanted)).at(0);
  if (!bound || !found || Date.parse(found.value.expiresAt) <= deps.now().getTime())
    throw new DomainError('invalid_join_token');
  return { key: found.key, revision: found.revision, reusable: found.value.reusable };
}
