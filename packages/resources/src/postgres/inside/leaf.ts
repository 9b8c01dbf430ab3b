import { X509Certificate } from 'node:crypto';
import { alternativeNames, isDue, isPair, leafTimes, nameOf } from '../../platform/leaves/index.ts';
import type { CertificatesPort, FilesPort } from '../../platform/clients/ports.ts';

/** For how long our leaves are good, unless whoever signs says less. */
export const LEAF_DAYS = 90;

/** What a leaf and its key should be. */
export interface WantedLeaf {
  /** Empty: it has no common name. Absent: any. */
  readonly commonName?: string;
  readonly names: readonly string[];
}

/** `unusable`: one of the two is missing, broken, or not of the other; `expires`: it is due to be renewed. */
export type LeafFault = 'unusable' | 'expires' | 'names';

export function leafFaults(certPem: string | undefined, keyPem: string | undefined, wanted: WantedLeaf): LeafFault[] {
  const times = leafTimes(certPem);
  if (certPem === undefined || !times || !isPair(certPem, keyPem)) return ['unusable'];
  const cert = new X509Certificate(certPem);
  const isNamed = wanted.commonName === undefined || cert.subject === `CN=${wanted.commonName}`;
  const known = alternativeNames(cert.subjectAltName);
  return [
    ...(isDue(times) ? (['expires'] as const) : []),
    ...(isNamed && wanted.names.every((name) => known.includes(name)) ? [] : (['names'] as const)),
  ];
}

/** When it ends, to the second; empty when it is none. */
export const endOfLeaf = (certPem: string | undefined): string => leafTimes(certPem)?.ends.toISOString() ?? '';

/** Paths of a leaf and its key. */
export interface LeafPaths {
  readonly cert: string;
  readonly key: string;
}

/**
 * Renews a leaf that is due, for the same names and the same key: so that one file is exchanged, whole, and nobody finds it with
 * the key of another. False: it is not due, or there is none that could be renewed. Should a task make a new pair meanwhile, that one's key counts.
 */
export async function renewLeaf(
  files: Pick<FilesPort, 'read' | 'write'>,
  certificates: CertificatesPort,
  { cert, key }: LeafPaths,
): Promise<boolean> {
  const [certPem, keyPem] = await Promise.all([files.read(cert), files.read(key)]);
  const times = leafTimes(certPem);
  if (certPem === undefined || keyPem === undefined || !times) return false;
  if (!isDue(times) || !isPair(certPem, keyPem)) return false;
  for (let current: string | undefined = keyPem; current !== undefined;) {
    const renewed = await certificates.issue({ ...nameOf(certPem), days: LEAF_DAYS, keyPem: current });
    await files.write(cert, renewed.certPem);
    const now = await files.read(key);
    if (now === current) return true;
    current = now;
  }
  return false; // everything was removed meanwhile
}
