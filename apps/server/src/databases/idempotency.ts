import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '@windlass/resources/errors';
import type { ApiTask } from '@windlass/resources/spec';
import { keys, type KvWrite } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';

/** An accepted operation answers its task, a change of the spec the entity with its revision, too. */
export interface Answer {
  readonly task: ApiTask;
}

const KEPT_SECONDS = 24 * 3600;

/** `idempotency/<key>`, written in the transaction that accepts; so its revision is the spec's, too. */
interface Remembered {
  /** Of method, address and body; sealed, because a body may hold a password that a bare hash would let be guessed. */
  readonly sealedDigest: unknown;
  readonly answer: Answer;
}

/** What goes into the accepting transaction so that it happens once. */
export interface Claim {
  readonly expect: readonly { readonly key: string; readonly revision: number }[];
  readonly writes: readonly KvWrite[];
}
export type ClaimFor<A extends Answer> = (answer: A) => Claim;

const NOTHING: Claim = { expect: [], writes: [] };

/**
 * The same `Idempotency-Key` with the same request gets the same answer and changes nothing a second time, also when
 * both come at once or the server dies in between. Another request under the key is `invalid_input`.
 */
export async function once<A extends Answer>(
  deps: ServerDeps,
  request: FastifyRequest,
  work: (claimFor: ClaimFor<A>) => Promise<A>,
): Promise<A> {
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === '') return work(() => NOTHING);
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new DomainError('invalid_input', 'Idempotency-Key: must be 1 to 200 visible ASCII characters');
  const digest = digestOf(request);
  const before = await recall<A>(deps, key, digest);
  if (before) return before;
  try {
    return await work((answer) => claimOf(deps, key, digest, answer));
  } catch (err) {
    const meanwhile = err instanceof DomainError ? await recall<A>(deps, key, digest) : undefined;
    if (meanwhile) return meanwhile;
    throw err;
  }
}

function claimOf({ box }: ServerDeps, key: string, digest: string, answer: Answer): Claim {
  const value: Remembered = { sealedDigest: box.seal(keys.idempotency(key), digest), answer };
  return {
    expect: [{ key: keys.idempotency(key), revision: 0 }],
    writes: [{ put: keys.idempotency(key), value, ttlSeconds: KEPT_SECONDS }],
  };
}

async function recall<A extends Answer>({ kv, box }: ServerDeps, key: string, digest: string): Promise<A | undefined> {
  const found = await kv.get(keys.idempotency(key));
  if (!found) return undefined;
  const { sealedDigest, answer } = found.value as Remembered;
  if (box.open(keys.idempotency(key), sealedDigest) !== digest)
    throw new DomainError('invalid_input', 'Idempotency-Key: was used before for another request');
  const revision = String(found.revision);
  const parts = Object.entries(answer).map(([name, part]) => [name, isRevised(part) ? { ...part, revision } : part]);
  return Object.fromEntries(parts) as A;
}

const isRevised = (part: unknown): part is { readonly revision: string } =>
  typeof part === 'object' && part !== null && 'revision' in part;

function digestOf({ method, url, body }: FastifyRequest): string {
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null]))
    .digest('hex');
}
