import { mkdir, readFile } from 'node:fs/promises';
import path from 'node:path';
import { z } from 'zod';
import type { ClusterJoinToken } from '../api/api-cluster.ts';
import type { ClusterJoinOptions } from '../api/api-join.ts';
import { withoutKeysOf } from '../settings/master-keys.ts';
import { parseJoinToken } from './join-token.ts';
import { requestJoinOptions, type Joiner } from './request-join.ts';
import { saveFile, saveJoinOptions } from './save-join-options.ts';

type Settings = Readonly<Record<string, string | undefined>>;

const joined = z.record(z.string(), z.string());
const fileIn = (folder: string): string => path.join(folder, 'joined.json');

/** What a join has left in `WINDLASS_STATE_DIR`, under whatever the environment says itself. */
export async function withJoinedSettings(env: Settings): Promise<Settings> {
  const folder = env['WINDLASS_STATE_DIR'];
  if (!folder) return env;
  const text = await readFile(fileIn(folder), 'utf8').catch((err: NodeJS.ErrnoException) => {
    if (err.code !== 'ENOENT') throw err;
  });
  return text === undefined ? env : { ...withoutKeysOf(joined.parse(JSON.parse(text)), env), ...env };
}

/** Joins, keeps what that brought for the next start, together with `more`, and returns both. */
export async function joinAndKeep(
  folder: string,
  token: ClusterJoinToken,
  joiner: Joiner,
  more: Readonly<Record<string, string>> = {},
): Promise<{ readonly settings: Settings; readonly options: ClusterJoinOptions }> {
  const options = await requestJoinOptions(token, joiner);
  await mkdir(folder, { recursive: true, mode: 0o700 });
  const given = await saveJoinOptions(folder, options, parseJoinToken(token.token)?.fingerprint ?? '');
  const settings = { ...given, ...more };
  await saveFile(fileIn(folder), `${JSON.stringify(settings, null, 2)}\n`);
  return { settings, options };
}
