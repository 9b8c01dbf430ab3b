import { randomBytes } from 'node:crypto';
import { apiTokens, apiTokenUses, type ApiTokenRecord } from '@windlass/resources/platform/records';
import type { Kv, KvWrite } from '@windlass/resources/store';
import { hashOf, same } from '../secret-hash.ts';

export interface TokenDeps {
  readonly kv: Pick<Kv, 'get' | 'commit' | 'watch'>;
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

/** For so long what the store said of a token counts, unless it is heard of a change: while a watch does not answer, a read may be answered so much too late. */
const FRESH_MS = 1000;

/** A token that was good when it was shown last. */
interface Known {
  readonly record: ApiTokenRecord;
  readonly revision: number;
  /** When the store said so, of the clock that never goes back. */
  at: number;
}

/** A login that was good when it was shown last. */
export interface LoginInUse {
  readonly record: ApiTokenRecord;
  /** It was good within the last second, and nothing else was heard of it. */
  readonly isFresh: boolean;
  /** What a transaction expects, so that it changes nothing for a login that is no use any more. None once one has been done. */
  readonly expectations: readonly { readonly key: string; readonly revision: number }[];
  /** A transaction that expected it was done. */
  held(): void;
  /** Asks the store whether it is still good, and for the same. */
  look(): Promise<boolean>;
}

/** Tokens that are shown: whose they are, and when they were used last. */
export class TokensShown {
  readonly #deps: TokenDeps;
  readonly #used = new Map<string, number>();
  readonly #known = new Map<string, Known>();
  /** How often it was heard that something of them has changed. */
  #changes = 0;
  #watch: Promise<{ close(): Promise<void> } | undefined> | undefined;

  constructor(deps: TokenDeps) {
    this.#deps = deps;
  }

  /** Undefined for what is no token, for one that is not known or was revoked, and for one that has expired. */
  async ownerOf(token: string): Promise<ApiTokenRecord | undefined> {
    const [, id = '', secret = ''] = FORM.exec(token) ?? [];
    if (id === '') return undefined;
    this.#listen();
    const [at, changes] = [performance.now(), this.#changes];
    const found = await apiTokens.get(this.#deps.kv, id);
    if (!this.#fits(found?.value, secret)) return void this.#known.delete(id);
    if (!found) return undefined;
    this.#note(id, found.revision);
    if (changes !== this.#changes) return found.value; // it may have been heard of a change that this answer does not know of
    if (this.#known.size >= REMEMBERED) this.#known.clear();
    this.#known.set(id, { record: found.value, revision: found.revision, at });
    return found.value;
  }

  /** The login of a token that was good here when it was shown last; undefined: it has to be asked for. */
  inUse(token: string): LoginInUse | undefined {
    const [, id = '', secret = ''] = FORM.exec(token) ?? [];
    const known = this.#known.get(id);
    if (!known || !this.#fits(known.record, secret)) return undefined;
    const { record, revision } = known;
    const began = performance.now();
    let hasHeld = false;
    return {
      record,
      isFresh: began - known.at < FRESH_MS,
      get expectations() {
        return hasHeld ? [] : [{ key: apiTokens.key(id), revision }];
      },
      held: () => {
        hasHeld = true;
        known.at = Math.max(known.at, began);
        this.#note(id, revision);
      },
      look: async () => {
        const now = await this.ownerOf(token);
        return now?.role === record.role && String(now.tenants) === String(record.tenants);
      },
    };
  }

  /** Whether this token was good here when it was shown last. */
  isInUse(authorization: string): boolean {
    return this.inUse(tokenIn(authorization) ?? '') !== undefined;
  }

  /** What this server has written itself counts at once. */
  noteWrites(writes: readonly KvWrite[]): void {
    for (const write of writes) {
      const key = 'put' in write ? write.put : 'remove' in write ? write.remove : write.removePrefix;
      if (key.startsWith(apiTokens.under())) this.#forget(key);
    }
  }

  async close(): Promise<void> {
    await (await this.#watch)?.close();
  }

  #forget(key?: string): void {
    this.#changes += 1;
    if (key === undefined || key === apiTokens.under()) this.#known.clear();
    else this.#known.delete(apiTokens.idOf(key)[0]);
  }

  /** What other servers have written is heard of within milliseconds. Until it is listened again, what is known gets old. */
  #listen(): void {
    const { kv } = this.#deps;
    this.#watch ??= kv
      .watch(
        apiTokens.under(),
        ({ key }) => this.#forget(key),
        () => this.#forget(),
      )
      .catch(() => (this.#watch = undefined));
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
