import { createHash } from 'node:crypto';
import { DomainError } from '@windlass/resources/errors';
import type { Role } from '@windlass/resources/platform/records';
import { errors, jwtVerify, type JWTPayload } from 'jose';
import { tokenIn } from './api-token.ts';
import { reachIn, roleIn } from './claims.ts';
import type { Issuer } from './issuer.ts';
import { IssuerKeys, type KeyTimes } from './issuer-keys.ts';
import type { Reach } from './reach.ts';

/** Only those with a key that the server does not have: whoever can check a token must not be able to make one. */
const ALGORITHMS = [
  'RS256',
  'RS384',
  'RS512',
  'PS256',
  'PS384',
  'PS512',
  'ES256',
  'ES384',
  'ES512',
  'EdDSA',
  'Ed25519',
];
/** What says of itself that it is no login (a logout, an event, a proof) is none. */
const TYPES: readonly unknown[] = [undefined, 'jwt', 'at+jwt', 'application/jwt', 'application/at+jwt'];
const FORM = /^[\w-]+\.[\w-]+\.[\w-]*$/;
/** So many are remembered as good; then all are asked for again. */
const REMEMBERED = 10_000;

/** Whose a token of the issuer is. */
export interface IssuedLogin {
  readonly subject: string;
  /** What people call him. */
  readonly name: string | undefined;
  readonly role: Role | undefined;
  readonly reach: Reach;
}

/** Logins by JWT of an issuer. */
export class IssuedLogins {
  readonly #issuer: Issuer;
  readonly #keys: IssuerKeys;
  readonly #now: () => Date;
  /** Those that were good a moment ago, by hash. */
  readonly #good = new Set<string>();

  constructor(issuer: Issuer, now: () => Date, times?: KeyTimes) {
    this.#issuer = issuer;
    this.#keys = new IssuerKeys(issuer, times);
    this.#now = now;
  }

  /** The JWT in a header `Authorization`, if there is one. */
  tokenIn(authorization: string | undefined): string | undefined {
    const token = tokenIn(authorization ?? '');
    return token !== undefined && FORM.test(token) ? token : undefined;
  }

  /** Whether it was good here when it was shown last. */
  isInUse(token: string): boolean {
    return this.#good.has(hashOf(token));
  }

  /** Or, in words, why it is no use. Throws `issuer_unavailable` when nobody can tell. */
  async ownerOf(token: string): Promise<IssuedLogin | string> {
    const { url: issuer, audiences, leewaySeconds: clockTolerance } = this.#issuer;
    try {
      const { payload, protectedHeader } = await jwtVerify(token, this.#keys.keyOf, {
        ...{ issuer, audience: [...audiences], algorithms: ALGORITHMS, clockTolerance },
        ...{ currentDate: this.#now(), requiredClaims: ['sub', 'exp'] },
      });
      if (!TYPES.includes(protectedHeader.typ?.toLowerCase()))
        return `the JWT is no login, but '${cut(protectedHeader.typ)}'`;
      this.#remember(hashOf(token));
      return { ...ownerIn(payload), role: roleIn(payload, this.#issuer), reach: reachIn(payload, this.#issuer) };
    } catch (err) {
      this.#good.delete(hashOf(token));
      if (err instanceof DomainError) throw err;
      return this.#whyNot(err);
    }
  }

  #remember(hash: string): void {
    if (this.#good.size >= REMEMBERED) this.#good.clear();
    this.#good.add(hash);
  }

  #whyNot(err: unknown): string {
    const { url, audiences } = this.#issuer;
    if (err instanceof errors.JWTExpired) return 'the JWT has expired';
    if (err instanceof errors.JWTClaimValidationFailed)
      return err.claim === 'aud'
        ? `the JWT is not for ${audiences.map((one) => `'${one}'`).join(' or ')}`
        : err.claim === 'iss'
          ? `the JWT is not of the issuer '${url}'`
          : err.claim === 'nbf'
            ? 'the JWT is not good yet; do the clocks agree?'
            : `the claim '${err.claim}' of the JWT is missing or wrong`;
    return `the JWT is not signed by a key of the issuer '${url}'`;
  }
}

/** The subject is what does not change, and what no other has. */
function ownerIn({ sub = '', preferred_username: user, email }: JWTPayload): Pick<IssuedLogin, 'subject' | 'name'> {
  const name = [user, email].find((one) => typeof one === 'string' && one !== '');
  return { subject: sub, name: typeof name === 'string' ? name : undefined };
}

const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64url');
const cut = (text: string | undefined): string => (text ?? '').slice(0, 64);
