import { DomainError } from '@windlass/resources/errors';
import { createRemoteJWKSet, customFetch, errors, type JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { isSafe, type Issuer } from './issuer.ts';

export interface KeyTimes {
  /** After so long without an answer it has none, in ms. */
  readonly withinMs: number;
  /** So long it is not asked again then. */
  readonly pauseMs: number;
  /** Keys are read again after so long, as long as they are used. */
  readonly refreshMs: number;
  /** A key that is not known has them read again, but not sooner than so long after the last time. */
  readonly unknownMs: number;
}
const TIMES: KeyTimes = { withinMs: 2000, pauseMs: 5000, refreshMs: 300_000, unknownMs: 5000 };

const discovered = z.looseObject({ issuer: z.string(), jwks_uri: z.url() });

/** What a token may be to blame for; everything else is the issuer's. */
const ABOUT_TOKENS = [errors.JWKSNoMatchingKey, errors.JWKSMultipleMatchingKeys, errors.JOSENotSupported];

type Keys = ReturnType<typeof createRemoteJWKSet>;

/**
 * The keys of an issuer, found by discovery when they are needed first. What it has taken back is forgotten with the next reading; when it does
 * not answer, those that are known are good for `keysMs` more, and then `issuer_unavailable` is thrown.
 */
export class IssuerKeys {
  readonly #issuer: Pick<Issuer, 'url' | 'keysMs'>;
  readonly #times: KeyTimes;
  #known: { readonly uri: string; readonly keys: Keys } | undefined;
  #finding: Promise<Keys> | undefined;
  #silentUntil = 0;
  #readAt = 0;

  constructor(issuer: Pick<Issuer, 'url' | 'keysMs'>, times: KeyTimes = TIMES) {
    this.#issuer = issuer;
    this.#times = times;
  }

  /** The key a token says it is signed with. */
  readonly keyOf: JWTVerifyGetKey = async (header, token) => {
    try {
      const keys = this.#known?.keys.fresh ? this.#known.keys : await (this.#finding ??= this.#find());
      if (Date.now() - this.#readAt > this.#times.refreshMs) this.#refresh(keys);
      return await keys(header, token);
    } catch (err) {
      if (ABOUT_TOKENS.some((kind) => err instanceof kind)) throw err;
      const why = err instanceof Error ? err.message : 'unknown';
      throw new DomainError('issuer_unavailable', `the issuer '${this.#issuer.url}' does not give its keys: ${why}`);
    }
  };

  async #find(): Promise<Keys> {
    try {
      const { url } = this.#issuer;
      const answer = await this.#fetch(`${url.replace(/\/$/, '')}/.well-known/openid-configuration`, {
        redirect: 'manual',
        signal: AbortSignal.timeout(this.#times.withinMs),
      });
      const { issuer, jwks_uri: uri } = discovered.parse(await answer.json());
      if (issuer !== url)
        throw new Error(`it calls itself '${issuer.slice(0, 200)}'; WINDLASS_OIDC_ISSUER has to say the same`);
      if (!isSafe(uri)) throw new Error(`it has them at '${uri.slice(0, 200)}', which is not https`);
      if (this.#known?.uri !== uri) this.#known = { uri, keys: this.#open(uri) };
      this.#readAt = Date.now();
      return this.#known.keys;
    } finally {
      this.#finding = undefined;
    }
  }

  #open(uri: string): Keys {
    const { unknownMs, withinMs } = this.#times;
    return createRemoteJWKSet(new URL(uri), {
      cacheMaxAge: this.#issuer.keysMs,
      cooldownDuration: unknownMs,
      timeoutDuration: withinMs,
      [customFetch]: (url, options) => this.#fetch(url, options),
    });
  }

  /** Nobody waits for it. */
  #refresh(keys: Keys): void {
    this.#readAt = Date.now();
    keys.reload().catch(() => undefined); // those that are known are used until their time is over
  }

  /** One that did not answer is left alone for a while: nobody waits for it again and again. */
  async #fetch(url: string, options: RequestInit): Promise<Response> {
    if (Date.now() < this.#silentUntil) throw new Error('it did not answer a moment ago');
    try {
      const answer = await fetch(url, options);
      if (answer.status !== 200) throw new Error(`${url} answers ${String(answer.status)}`);
      return answer;
    } catch (err) {
      this.#silentUntil = Date.now() + this.#times.pauseMs;
      throw new Error(reasonOf(err));
    }
  }
}

/** `fetch` says why in the cause. */
const reasonOf = (err: unknown): string => {
  const { message, cause } = err instanceof Error ? err : new Error('unknown');
  return cause instanceof Error ? `${message} (${(cause as NodeJS.ErrnoException).code ?? cause.message})` : message;
};
