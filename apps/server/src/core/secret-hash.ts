import { createHash, timingSafeEqual } from 'node:crypto';

/** What is kept of a secret of random bytes: SHA-256, in hex. */
export const hashOf = (secret: string): string => createHash('sha256').update(secret).digest('hex');

/** Equal texts, compared in a time that does not tell how much of them is equal. */
export function same(a: string, b: string): boolean {
  const [x, y] = [a, b].map((text) => createHash('sha256').update(text).digest());
  return x !== undefined && y !== undefined && timingSafeEqual(x, y);
}
