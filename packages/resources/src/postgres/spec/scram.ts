import { createHash, createHmac, pbkdf2Sync, randomBytes, timingSafeEqual } from 'node:crypto';
import { saslprep } from '@mongodb-js/saslprep';

const VERIFIER = /^SCRAM-SHA-256\$(\d{1,7}):([A-Za-z0-9+/]+={0,2})\$([A-Za-z0-9+/]{43}=):([A-Za-z0-9+/]{43}=)$/;
const MAX_ITERATIONS = 1_000_000;

/** As Postgres does it: a password that SASLprep forbids is used as it is. */
function prepared(password: string): string {
  try {
    return saslprep(password);
  } catch {
    return password;
  }
}

const hmac = (key: Buffer, text: string): Buffer => createHmac('sha256', key).update(text).digest();

/** The verifier Postgres stores for a password; the clear text need not leave this process. */
export function makeScramVerifier(
  password: string,
  options: { readonly salt?: Buffer; readonly iterations?: number } = {},
): string {
  const salt = options.salt ?? randomBytes(16);
  const iterations = options.iterations ?? 4096;
  const salted = pbkdf2Sync(prepared(password), salt, iterations, 32, 'sha256');
  const stored = createHash('sha256').update(hmac(salted, 'Client Key')).digest('base64');
  const server = hmac(salted, 'Server Key').toString('base64');
  return `SCRAM-SHA-256$${iterations}:${salt.toString('base64')}$${stored}:${server}`;
}

/** Whether the password is the one the verifier was made from. False for a verifier that cannot be read. */
export function matchesScramVerifier(password: string, verifier: string): boolean {
  const [, count, salt] = VERIFIER.exec(verifier) ?? [];
  const iterations = Number(count);
  if (salt === undefined || iterations < 1 || iterations > MAX_ITERATIONS) return false;
  const again = Buffer.from(makeScramVerifier(password, { salt: Buffer.from(salt, 'base64'), iterations }));
  const known = Buffer.from(verifier);
  return again.length === known.length && timingSafeEqual(again, known);
}

/** True for text in the form Postgres stores for a SCRAM-SHA-256 password. */
export function isScramVerifier(text: string): boolean {
  return VERIFIER.test(text);
}

/** What a spec keeps of a password: the first 16 hex digits of the hash of its verifier. */
export function passwordVersion(verifier: string): string {
  return createHash('sha256').update(verifier).digest('hex').slice(0, 16);
}
