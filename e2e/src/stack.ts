import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export const ROOT = path.resolve(__dirname, '../..');
export const HOME = process.env['WINDLASS_E2E_HOME'] ?? '/tmp/windlass-e2e';

/** The environment of the stack under test: its own folder and ports. */
export const ENV = {
  ...process.env,
  WINDLASS_HOME: HOME,
  WINDLASS_HTTP_PORT: '13000',
  WINDLASS_ETCD_PORT: '12379',
  WINDLASS_ETCD_PEER_PORT: '12390',
  WINDLASS_TEMPORAL_PORT: '17233',
  WINDLASS_TEMPORAL_UI_PORT: '18233',
  WINDLASS_PORT_MIN: '25432',
  WINDLASS_PORT_MAX: '25932',
  WINDLASS_POSTGRES_MAJORS: process.env['WINDLASS_POSTGRES_MAJORS'] ?? '15 17 18',
  WINDLASS_ALLOWED_VOLUME_ROOTS: path.join(HOME, 'volumes'),
  WINDLASS_WORKER_ENTRY: 'main-with-failpoints.js',
  FAILPOINTS_FILE: path.join(HOME, 'failpoints'),
};
export const API = `http://127.0.0.1:${ENV.WINDLASS_HTTP_PORT}`;
export const HOST = 'host-1';

const run = promisify(execFile);

/** Runs a command and returns what it printed; rejects with its stderr when it fails. */
export async function sh(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args, { env: ENV, cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export const bash = (script: string): Promise<string> => sh('bash', '-c', script);

/** start, stop (TERM), kill (KILL) or restart one process of the stack. */
export const processCommand = (
  verb: 'start' | 'stop' | 'kill' | 'restart',
  name: 'etcd' | 'temporal' | 'worker' | 'server',
): string =>
  execFileSync(path.join(ROOT, 'bin/lib/process.sh'), [verb, name], {
    env: ENV,
    encoding: 'utf8',
    stdio: ['ignore', 'ignore', 'inherit'],
  });

/** Repeats a probe until it gives something; the error names what was waited for. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const end = Date.now() + timeoutMs;
  let last: unknown;
  while (Date.now() < end) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (err) {
      last = err;
    }
    await sleep(50);
  }
  throw new Error(`waited ${String(timeoutMs)} ms for ${what}`, { cause: last });
}
