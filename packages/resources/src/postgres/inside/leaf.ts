import { X509Certificate, createPrivateKey } from 'node:crypto';

/** For how long our leaves are good. */
export const LEAF_DAYS = 90;
const RENEW_BELOW_MS = (LEAF_DAYS / 3) * 86_400_000;

/** What a leaf and its key should be. */
export interface WantedLeaf {
  /** Empty: it has no common name. Absent: any. */
  readonly commonName?: string;
  readonly names: readonly string[];
}

/** `unusable`: one of the two is missing, broken, or not of the other; `expires`: less than a third of its time is left. */
export type LeafFault = 'unusable' | 'expires' | 'names';

export function leafFaults(certPem: string | undefined, keyPem: string | undefined, wanted: WantedLeaf): LeafFault[] {
  const cert = parseLeaf(certPem);
  if (!cert || !belongs(cert, keyPem)) return ['unusable'];
  const isNamed = wanted.commonName === undefined || cert.subject === `CN=${wanted.commonName}`;
  const known = (cert.subjectAltName ?? '').split(', ').map((part) => part.replace(/^(DNS|IP Address):/, ''));
  return [
    ...(new Date(cert.validTo).getTime() - Date.now() < RENEW_BELOW_MS ? (['expires'] as const) : []),
    ...(isNamed && wanted.names.every((name) => known.includes(name)) ? [] : (['names'] as const)),
  ];
}

/** When it ends, to the second; empty when it is none. */
export function endOfLeaf(certPem: string | undefined): string {
  const cert = parseLeaf(certPem);
  return cert ? new Date(cert.validTo).toISOString() : '';
}

function belongs(cert: X509Certificate, keyPem: string | undefined): boolean {
  try {
    return keyPem !== undefined && cert.checkPrivateKey(createPrivateKey(keyPem));
  } catch {
    return false;
  }
}

function parseLeaf(pem: string | undefined): X509Certificate | undefined {
  try {
    return pem === undefined ? undefined : new X509Certificate(pem);
  } catch {
    return undefined;
  }
}
