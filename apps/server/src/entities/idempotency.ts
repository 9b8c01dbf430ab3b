import { createHash } from 'node:crypto';
import type { FastifyRequest } from 'fastify';
import { DomainError } from '@windlass/resources/errors';
import type { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import type { Claim } from '@windlass/resources/store';
import { NOTHING } from './accept.ts';
import { rememberedAnswers } from './remembered.ts';

const KEPT_SECONDS = 24 * 3600;

/** What goes into the accepting transaction so that it happens once. */
export type ClaimFor<A> = (answer: A) => Claim;

/** What is answered, and how the revision gets into it, which is known only once it is accepted. */
export interface Answers<A> {
  readonly schema: z.ZodType<A>;
  readonly at?: (answer: A, revision: number) => A;
}

/**
 * The same `Idempotency-Key` with the same request gets the same answer and changes nothing a second time, also when
 * both come at once or the server dies in between. Another request under the key is `invalid_input`.
 */
export async function once<A>(
  deps: ServerDeps,
  request: FastifyRequest,
  answers: Answers<A>,
  work: (claimFor: ClaimFor<A>) => Promise<A>,
): Promise<A> {
  const key = request.headers['idempotency-key'];
  if (key === undefined || key === '') return work(() => NOTHING);
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new DomainError('invalid_input', 'Idempotency-Key: must be 1 to 200 visible ASCII characters');
  const digest = digestOf(request);
  const before = await recall(deps, key, digest, answers);
  if (before) return before.answer;
  try {
    return await work((answer) => claimOf(deps, key, digest, answer));
  } catch (err) {
    const meanwhile = err instanceof DomainError ? await recall(deps, key, digest, answers) : undefined;
    if (meanwhile) return meanwhile.answer;
    throw err;
  }
}

function claimOf({ box }: ServerDeps, key: string, digest: string, answer: unknown): Claim {
  const stored = rememberedAnswers.key(key);
  const write = rememberedAnswers.put({ sealedDigest: box.seal(stored, digest), answer }, key);
  return { expect: [{ key: stored, revision: 0 }], writes: [{ ...write, ttlSeconds: KEPT_SECONDS }] };
}

async function recall<A>(
  { kv, box }: ServerDeps,
  key: string,
  digest: string,
  { schema, at = (answer) => answer }: Answers<A>,
): Promise<{ readonly answer: A } | undefined> {
  const found = await rememberedAnswers.get(kv, key);
  if (!found) return undefined;
  if (box.open(rememberedAnswers.key(key), found.value.sealedDigest) !== digest)
    throw new DomainError('invalid_input', 'Idempotency-Key: was used before for another request');
  const read = schema.safeParse(found.value.answer);
  if (!read.success) throw new DomainError('record_unreadable', 'the answer under this Idempotency-Key cannot be read');
  return { answer: at(read.data, found.revision) };
}

/** The same request of who reaches other tenants is another one: what was answered is not for them. */
function digestOf({ method, url, body, reach = 'all' }: FastifyRequest): string {
  const tenants = reach === 'all' ? [] : [[...reach].sort()];
  return createHash('sha256')
    .update(JSON.stringify([method, url, body ?? null, ...tenants]))
    .digest('hex');
}
