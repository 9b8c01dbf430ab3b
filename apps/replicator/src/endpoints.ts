import { readFile } from 'node:fs/promises';
import type { Address, Endpoint } from '@windlass/data/replicate';
import type { ReplicatorConfig } from './config.ts';

/** Where nodes are, and how to prove to them who we are. Files are read for each connection: they may be renewed at any time. */
export function endpointOf(config: ReplicatorConfig, hosts: readonly Address[]): Endpoint {
  const passwordFile = config.WINDLASS_PASSWORD_FILE;
  const tls = readTls(config);
  return {
    ...{ hosts, database: config.WINDLASS_DATABASE, user: config.WINDLASS_USER },
    ...(passwordFile !== undefined && { password: async () => (await readFile(passwordFile, 'utf8')).trimEnd() }),
    ...(tls && { tls: async () => toAnyHost(await tls()) }),
  };
}

/** PEM, or the files with it. */
export interface Tls {
  readonly ca: string;
  readonly cert: string;
  readonly key: string;
}

/** A primary may be on any host: it has to have a certificate of our authority, whatever names that has. */
export const toAnyHost = (tls: Tls) => ({ ...tls, rejectUnauthorized: true, checkServerIdentity: () => undefined });

export async function tlsOf(files: Tls): Promise<Tls> {
  const [ca = '', cert = '', key = ''] = await Promise.all(
    [files.ca, files.cert, files.key].map((path) => readFile(path, 'utf8')),
  );
  return { ca, cert, key };
}

export function readTls(config: ReplicatorConfig): (() => Promise<Tls>) | undefined {
  const { WINDLASS_CA_CERT: ca, WINDLASS_CLIENT_CERT: cert, WINDLASS_CLIENT_KEY: key } = config;
  return ca === undefined || cert === undefined || key === undefined ? undefined : () => tlsOf({ ca, cert, key });
}
