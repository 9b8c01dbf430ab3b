import { X509Certificate, createPrivateKey } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { z } from 'zod';

const FILES = ['WINDLASS_TEMPORAL_TLS_CA', 'WINDLASS_TEMPORAL_TLS_CERT', 'WINDLASS_TEMPORAL_TLS_KEY'] as const;
const NAME = 'WINDLASS_TEMPORAL_TLS_SERVER_NAME';

/** How server and worker reach a Temporal that asks for certificates: all three files (PEM), or none for plain text. */
export const temporalTlsSettings = {
  WINDLASS_TEMPORAL_TLS_CA: z.string().optional(),
  WINDLASS_TEMPORAL_TLS_CERT: z.string().optional(),
  WINDLASS_TEMPORAL_TLS_KEY: z.string().optional(),
  /** The name in Temporal's certificate, where it is not the one in the address. */
  WINDLASS_TEMPORAL_TLS_SERVER_NAME: z.string().optional(),
};
type Settings = Readonly<Partial<Record<keyof typeof temporalTlsSettings, string | undefined>>>;

/** As Temporal's libraries take it. */
export interface TemporalTls {
  readonly serverRootCACertificate: Buffer;
  readonly clientCertPair: { readonly crt: Buffer; readonly key: Buffer };
  readonly serverNameOverride?: string;
}

/** One line per setting that is missing: half of mutual TLS would be none at all, silently. */
export function missingTemporalTls(given: Readonly<Record<string, string | undefined>>): string[] {
  if (![...FILES, NAME].some((name) => given[name] !== undefined)) return [];
  return FILES.filter((name) => given[name] === undefined).map(
    (name) => `  ${name}: is required when another WINDLASS_TEMPORAL_TLS_* is given`,
  );
}

/** Reads and checks the files; `bad` has one line per file that cannot be used, and never its content. */
export async function readTemporalTls(
  settings: Settings,
): Promise<{ readonly tls: TemporalTls | undefined; readonly bad: readonly string[] }> {
  if (FILES.some((name) => settings[name] === undefined)) return { tls: undefined, bad: [] };
  const bad: string[] = [];
  const read = async (name: (typeof FILES)[number], check: (pem: Buffer) => unknown): Promise<Buffer> => {
    const pem = await readFile(settings[name] ?? '').catch((err: NodeJS.ErrnoException) => {
      bad.push(`  ${name}: cannot read "${settings[name] ?? ''}" (${err.code ?? 'unknown'})`);
    });
    if (pem && !holds(check, pem)) bad.push(`  ${name}: "${settings[name] ?? ''}" is not a PEM file of its kind`);
    return pem ?? Buffer.alloc(0);
  };
  const ca = await read('WINDLASS_TEMPORAL_TLS_CA', (pem) => new X509Certificate(pem));
  const crt = await read('WINDLASS_TEMPORAL_TLS_CERT', (pem) => new X509Certificate(pem));
  const key = await read('WINDLASS_TEMPORAL_TLS_KEY', (pem) => createPrivateKey(pem));
  if (bad.length === 0 && !new X509Certificate(crt).checkPrivateKey(createPrivateKey(key)))
    bad.push('  WINDLASS_TEMPORAL_TLS_KEY: is not the key of the certificate in WINDLASS_TEMPORAL_TLS_CERT');
  const name = settings.WINDLASS_TEMPORAL_TLS_SERVER_NAME;
  const tls = { serverRootCACertificate: ca, clientCertPair: { crt, key } };
  return { tls: name === undefined ? tls : { ...tls, serverNameOverride: name }, bad };
}

function holds(check: (pem: Buffer) => unknown, pem: Buffer): boolean {
  try {
    check(pem);
    return true;
  } catch {
    return false;
  }
}
