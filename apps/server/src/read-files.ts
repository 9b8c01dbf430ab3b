import { readFile } from 'node:fs/promises';
import { readTemporalTls, type TemporalTls } from '@windlass/resources/platform/settings';
import type { ServerConfig } from './config.ts';

export interface ServerFiles {
  readonly caPem: string;
  readonly caKeyPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  /** 32 bytes. */
  readonly masterKey: Buffer;
  /** Absent: Temporal is reached in plain text. */
  readonly temporalTls: TemporalTls | undefined;
}

/** Reads the files the configuration names; throws one error that names every one that cannot be used. */
export async function readFiles(config: ServerConfig): Promise<ServerFiles> {
  const bad: string[] = [];
  const read = async (name: keyof ServerConfig & `WINDLASS_${string}`): Promise<string> => {
    const path = String(config[name]);
    return readFile(path, 'utf8').catch((err: NodeJS.ErrnoException) => {
      bad.push(`  ${name}: cannot read "${path}" (${err.code ?? 'unknown'})`);
      return '';
    });
  };
  const [caPem, caKeyPem, certPem, keyPem, hex] = await Promise.all([
    read('WINDLASS_CA_CERT'),
    read('WINDLASS_CA_KEY'),
    read('WINDLASS_CLIENT_CERT'),
    read('WINDLASS_CLIENT_KEY'),
    read('WINDLASS_MASTER_KEY_FILE'),
  ]);
  if (hex !== '' && !/^[0-9a-f]{64}$/i.test(hex.trim()))
    bad.push('  WINDLASS_MASTER_KEY_FILE: must hold 32 bytes as 64 hexadecimal digits');
  const temporal = await readTemporalTls(config);
  bad.push(...temporal.bad);
  if (bad.length > 0) throw new Error(`the server's files cannot be used:\n${bad.join('\n')}`);
  return { caPem, caKeyPem, certPem, keyPem, masterKey: Buffer.from(hex.trim(), 'hex'), temporalTls: temporal.tls };
}
