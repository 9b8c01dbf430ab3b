import { EtcdError } from 'etcd3';
import { DomainError, type ErrorName } from '../errors/index.ts';

/**
 * What did nothing and may be asked again at once. While users and roles change, etcd refuses requests that were authenticated
 * against the rules of a moment before. After some failures of one call the library closes the channel for all: others that
 * were about to begin never did.
 */
const NOT_BEGUN = /revision of auth store is old|Channel closed before call started/;

/** The history of a revision that is being read, in pages, is gone. */
export const COMPACTED = /required revision has been compacted/;

/** An answer is longer than gRPC takes; a shorter page may not be. */
export const ANSWER_TOO_LONG = /received message larger than max/i;

/**
 * What etcd says (`<number> <gRPC status>: <words>`) and what it means to us; the first that fits counts. What is not
 * here is an outage: nobody answered, or nobody who may.
 */
const MEANINGS: readonly (readonly [RegExp, ErrorName, string])[] = [
  [/permission denied|user name not found|user name is empty|authentication failed/, 'not_a_member', 'etcd refuses this account'], // prettier-ignore
  [/duplicate key given in txn/, 'server_error', 'a transaction writes the same key twice'],
  [/request is too large|message larger than max/i, 'too_large', 'etcd takes no value and no request as large as this'],
  [/database space exceeded|no space/i, 'store_full', 'etcd is full and takes no writes until it has space again'],
  // A member that is not the leader, or has too few beside it, says FAILED_PRECONDITION: that passes.
  [/^9 .*(not leader|not enough started members|unhealthy cluster)/, 'store_unavailable', 'etcd does not answer'],
  [/^(3|9|11|12) /, 'store_refused', 'etcd refuses the request'],
];

/**
 * Turns every failure to talk to etcd into one error with one readable line: `store_unavailable` only when repeating may help.
 * `whyNot` says why nobody answers, where that is known.
 */
export async function reach<T>(call: () => PromiseLike<T>, whyNot?: () => string | undefined): Promise<T> {
  for (let attempt = 0; ; attempt += 1) {
    try {
      return await call();
    } catch (err) {
      if (err instanceof DomainError) throw err;
      if (attempt < 20 && NOT_BEGUN.test(saying(err))) continue;
      throw meaningOf(err, whyNot);
    }
  }
}

/** What a failure of etcd means, with its own words after ours. */
export function meaningOf(err: unknown, whyNot?: () => string | undefined): DomainError {
  const said = saying(err);
  const [, code, words] = MEANINGS.find(([pattern]) => pattern.test(said)) ?? OUTAGE;
  const why = (code === OUTAGE[1] ? (whyNot?.() ?? shownByEtcd(said)) : undefined) ?? said.slice(0, 200);
  return new DomainError(code, `${words}: ${why}`, { cause: err });
}

const shownByEtcd = (said: string): string | undefined =>
  said.includes('certificate has expired') ? 'the certificate that etcd shows has ended' : undefined;

const OUTAGE = [/$/, 'store_unavailable', 'etcd does not answer'] as const;

/** The first line of what etcd or its library says. */
export const saying = (err: unknown): string =>
  err instanceof EtcdError || err instanceof Error ? (err.message.split('\n')[0] ?? '') : 'unknown';
