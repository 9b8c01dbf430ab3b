import { DomainError } from '@windlass/resources/errors';
import { keys } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { bodyDigest } from './accept.ts';

const KEPT_SECONDS = 24 * 3600;

interface Remembered {
  readonly digest: string;
  readonly answer: unknown;
}

/** The same `Idempotency-Key` with the same body gets the same answer and changes nothing a second time. */
export async function once(
  deps: ServerDeps,
  key: string | string[] | undefined,
  body: unknown,
  work: () => Promise<unknown>,
): Promise<unknown> {
  if (key === undefined || key === '') return work();
  if (typeof key !== 'string' || !/^[\x21-\x7e]{1,200}$/.test(key))
    throw new DomainError('invalid_input', 'Idempotency-Key: must be 1 to 200 visible ASCII characters');
  const digest = bodyDigest(body);
  const found = (await deps.kv.get(keys.idempotency(key)))?.value as Remembered | undefined;
  if (found) {
    if (found.digest !== digest)
      throw new DomainError('invalid_input', 'Idempotency-Key: was used before with another body');
    return found.answer;
  }
  const answer = await work();
  const value: Remembered = { digest, answer };
  await deps.kv.commit([], [{ put: keys.idempotency(key), value, ttlSeconds: KEPT_SECONDS }]);
  return answer;
}
