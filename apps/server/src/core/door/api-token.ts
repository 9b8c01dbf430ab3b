import { randomBytes } from 'node:crypto';
import { apiTokens, apiTokenUses, type ApiTokenRecord } from '@windlass/resources/platform/records';
import type { Kv } from '@windlass/resources/store';
import { hashOf, same } from '../secret-hash.ts';

export interface TokenDeps {
  readonly kv: Pick<Kv, 'get' | 'commit'>;
  readonly now: () => Date;
}

const FORM = /^wl_([a-z0-9]{12})_([\w-]{43})$/;
/** How exactly it is known when a token was used last, in ms. */
const USE_EVERY_MS = 60_000;
/** So many are remembered as used; then all are written down again. */
const REMEMBERED = 10_000;

/** A new token and what is kept of it. */
export function newToken(): { readonly id: string; readonly token: string; readonly hash: string } {
  const id = randomBytes(6).toString('hex');
  const secret = randomBytes(32).toString('base64url');
  return { id, token: `wl_${id}_${secret}`, hash: hashOf(secret) };
}

/** The token in a header `Authorization`. */
export const tokenIn = (authorization: string): string | undefined => /^Bearer +(\S+)$/i.exec(authorization)?.[1];

/** Tokens that are shown: whose they are, and when they were used last. */
export class TokensShown {
  readonly #deps: TokenDeps;
  readonly #used = new Map<string, number>();
  /** Records as they were when they were shown last. */
  readonly #known = new Map<string, ApiTokenRecord>();

  constructor(deps: TokenDeps) {
    this.#deps = deps;
  }

  /** Undefined for what is no token, for one that is not known or was revoked, and for one that has expired. */
  async ownerOf(token: string): Promise<ApiTokenRecord | undefined> {
    const [, id = '', secret = ''] = FORM.exec(token) ?? [];
    if (id === '') return undefined;
    const found = await apiTokens.get(this.#deps.kv, id);
    if (!this.#fits(found?.value, secret)) return void this.#known.delete(id);
    if (!found) return undefined;
    this.#note(id, found.revision);
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(id, found.value);
    return found.value;
  }

  /** Whose it was a moment ago, without asking the store: good for a beginning only, until `ownerOf` has confirmed it. */
  formerOwnerOf(token: string): ApiTokenRecord | undefined {
    const [, id = '', secret = ''] = FORM.exec(token) ?? [];
    const known = this.#known.get(id);
    return this.#fits(known, secret) ? known : undefined;
  }

  /** Whether this token was good here when it was shown last. */
  isInUse(authorization: string): boolean {
    return this.formerOwnerOf(tokenIn(authorization) ?? '') !== undefined;
  }

  #fits(record: ApiTokenRecord | undefined, secret: string): boolean {
    const isRight = same(hashOf(secret), record?.hash ?? '');
    return record !== undefined && isRight && Date.parse(record.expiresAt) > this.#deps.now().getTime();
  }

  /** Nobody waits for it, and nothing is written of one that was revoked meanwhile. */
  #note(id: string, revision: number): void {
    const now = this.#deps.now();
    if (now.getTime() - (this.#used.get(id) ?? -Infinity) < USE_EVERY_MS) return;
    if (this.#used.size >= REMEMBERED) this.#used.clear();
    this.#used.set(id, now.getTime());
    const use = apiTokenUses.put({ at: now.toISOString() }, id);
    this.#deps.kv.commit([{ key: apiTokens.key(id), revision }], [use]).catch(() => this.#used.delete(id));
  }
}
