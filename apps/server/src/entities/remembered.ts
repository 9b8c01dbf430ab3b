import { Collection } from '@windlass/resources/store';
import { z } from 'zod';

/** What was answered to a request with an `Idempotency-Key`. */
export interface Remembered {
  /** Of method, address and body; sealed, because a body may hold a password that a bare hash would let be guessed. */
  readonly sealedDigest: unknown;
  readonly answer: unknown;
}

const remembered: z.ZodType<Remembered> = z.looseObject({ sealedDigest: z.unknown(), answer: z.unknown() });

/** By the key, which is of the client's making; written in the transaction that accepts, so its revision is the spec's, too. */
export const rememberedAnswers = new Collection<Remembered, [key: string]>('idempotency', remembered, { restAt: 0 });
