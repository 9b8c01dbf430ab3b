import { readFile } from 'node:fs/promises';
import { masterKeySource, readTemporalTls, type TemporalTls } from '@windlass/resources/platform/settings';
import { KeyRing } from '@windlass/resources/store';
import type { ServerConfig } from './config.ts';

export interface ServerFiles {
  readonly caPem: string;
  readonly caKeyPem: string;
  readonly certPem: string;
  readonly keyPem: string;
  readonly masterKeys: KeyRing;
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
  const [caPem, caKeyPem, certPem, keyPem, masterKeys] = await Promise.all([
    read('WINDLASS_CA_CERT'),
    read('WINDLASS_CA_KEY'),
    read('WINDLASS_CLIENT_CERT'),
    read('WINDLASS_CLIENT_KEY'),
    KeyRing.open(masterKeySource(config)).catch((err: unknown) => void bad.push(`  ${(err as Error).message}`)),
  ]);
  const temporal = await readTemporalTls(config);
  bad.push(...temporal.bad);
  if (bad.length > 0 || !masterKeys) throw new Error(`the server's files cannot be used:\n${bad.join('\n')}`);
  return { caPem, caKeyPem, certPem, keyPem, masterKeys, temporalTls: temporal.tls };
}
