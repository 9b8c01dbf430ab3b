import { X509Certificate } from 'node:crypto';
import { readFile } from 'node:fs/promises';

/** Certificates by what they are called, `client` for one: when each ends (ISO 8601). */
export type CertificateEnds = Readonly<Record<string, string>>;

/** When the certificates in these files (PEM, by name) end. A file that is not there is left out; one that is no certificate is an error that names it. */
export async function readCertificateEnds(
  files: Readonly<Record<string, string | undefined>>,
): Promise<CertificateEnds> {
  const read = Object.entries(files).map(async ([name, file]) => {
    const pem = file === undefined ? undefined : await readIfThere(file);
    return pem === undefined ? [] : [[name, endOf(name, file ?? '', pem)] as const];
  });
  return Object.fromEntries((await Promise.all(read)).flat());
}

/** A sentence for each that has ended. */
export const expiredAmong = (ends: CertificateEnds, now: Date): string[] =>
  Object.entries(ends)
    .filter(([, end]) => Date.parse(end) <= now.getTime())
    .map(([name, end]) => `the certificate '${name}' expired at ${end}`);

const readIfThere = (file: string): Promise<string | undefined> =>
  readFile(file, 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code === 'ENOENT' || err.code === 'ENOTDIR') return undefined;
    throw err;
  });

function endOf(name: string, file: string, pem: string): string {
  try {
    return new Date(new X509Certificate(pem).validTo).toISOString();
  } catch {
    throw new Error(`the certificate '${name}' cannot be read: ${file} is no certificate in PEM`);
  }
}
