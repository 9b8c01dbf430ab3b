import { createHash, X509Certificate } from 'node:crypto';

/** SHA-256 of a certificate, 64 hex digits. */
export const fingerprintOf = (certificate: string | Buffer): string =>
  createHash('sha256').update(new X509Certificate(certificate).raw).digest('hex');

/** The two parts of a join token; `undefined` for anything that is not one. */
export function parseJoinToken(token: string): { readonly fingerprint: string; readonly secret: string } | undefined {
  const [, fingerprint, secret] = /^PGEDGE-(\w{64})-(\w{32})$/.exec(token) ?? [];
  return fingerprint === undefined || secret === undefined ? undefined : { fingerprint, secret };
}
