import { mkdir, readFile } from 'node:fs/promises';
import os from 'node:os';
import path from 'node:path';
import type { ClusterJoinToken } from '@windlass/resources/spec';
import { parseJoinToken, saveFile, saveJoinOptions } from '@windlass/resources/trust';
import { requestJoinOptions } from './cluster/join-cluster.ts';

type Settings = Readonly<Record<string, string | undefined>>;

const fileIn = (folder: string): string => path.join(folder, 'joined.json');

/** What a join has left in `WINDLASS_STATE_DIR`, under whatever the environment says itself. */
export async function withJoinedSettings(env: Settings): Promise<Settings> {
  const folder = env['WINDLASS_STATE_DIR'];
  if (!folder) return env;
  const text = await readFile(fileIn(folder), 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code !== 'ENOENT') throw err;
  });
  return text === undefined ? env : { ...(JSON.parse(text) as Settings), ...env };
}

/** Joins, keeps what that brought for the next start, and returns it. */
export async function joinAndKeep(folder: string, env: Settings, token: ClusterJoinToken): Promise<Settings> {
  const id = env['WINDLASS_SERVER_ID'] ?? os.hostname().split('.')[0]?.toLowerCase() ?? 'server';
  const addresses = (env['WINDLASS_SERVER_ADDRESSES'] ?? '127.0.0.1').split(',');
  const options = await requestJoinOptions(token, { id, addresses });
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const settings = await saveJoinOptions(folder, options, parseJoinToken(token.token)?.fingerprint ?? '');
  await saveFile(fileIn(folder), `${JSON.stringify(settings, null, 2)}\n`);
  return settings;
}
