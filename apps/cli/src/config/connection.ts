import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { ClientOptions } from '@windlass/client';
import { usageError } from '../exit.ts';
import type { Terminal } from '../terminal.ts';
import { readContexts } from './contexts.ts';

/** Which server, and as whom: the environment, then the context, then what bin/up made here, then loopback. */
export function findConnection(terminal: Pick<Terminal, 'env' | 'cwd'>, wanted?: string): ClientOptions {
  const { env } = terminal;
  const { contexts, current } = readContexts(terminal);
  const name = wanted ?? current;
  const context = contexts.find((one) => one.name === name);
  if (name !== undefined && !context) throw usageError(`there is no context '${name}': see windlass context list`);
  const url = env['WINDLASS_URL'] || context?.url;
  // A login is for one server: that of a context is not shown to another one.
  const own = url === context?.url ? context : undefined;
  const local = url === undefined ? localConnection(terminal) : undefined;
  const token = env['WINDLASS_TOKEN'] || own?.token || local?.token;
  const ca = env['WINDLASS_CA'] || own?.ca;
  return {
    baseUrl: url ?? local?.baseUrl ?? 'http://127.0.0.1:3000',
    ...(token !== undefined && { token }),
    ...(ca !== undefined && { ca: read(ca) }),
  };
}

/** What bin/up made, in this folder or above it. */
function localConnection({ env, cwd }: Pick<Terminal, 'env' | 'cwd'>): ClientOptions {
  const baseUrl = `http://127.0.0.1:${env['WINDLASS_HTTP_PORT'] || '3000'}`;
  for (let folder = cwd; ; folder = path.dirname(folder)) {
    const file = path.join(folder, '.windlass', 'secrets', 'admin.token');
    if (existsSync(file)) return { baseUrl, token: read(file).trim() };
    if (folder === path.dirname(folder)) return { baseUrl };
  }
}

function read(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch (err) {
    throw usageError(`${file} cannot be read: ${err instanceof Error ? err.message : String(err)}`);
  }
}
