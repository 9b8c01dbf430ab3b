import { execFile, execFileSync } from 'node:child_process';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export const ROOT = path.resolve(__dirname, '../..');
export const HOME = process.env['WINDLASS_E2E_HOME'] ?? '/tmp/windlass-e2e';

const BASE = process.env['WINDLASS_E2E_PORT_BASE'];
/** WINDLASS_E2E_PORT_BASE moves all ports together, so that two checkouts can be tested at once. */
const port = (usual: number, offset: number): string => String(BASE === undefined ? usual : Number(BASE) + offset);

/** The environment of the stack under test: its own folder and ports. */
export const ENV = {
  ...process.env,
  WINDLASS_HOME: HOME,
  WINDLASS_HTTP_PORT: port(13000, 0),
  WINDLASS_ETCD_PORT: port(12379, 1),
  WINDLASS_ETCD_PEER_PORT: port(12390, 2),
  WINDLASS_TEMPORAL_PORT: port(17233, 3),
  WINDLASS_TEMPORAL_UI_PORT: port(18233, 4),
  WINDLASS_PORT_MIN: port(25432, 100),
  WINDLASS_PORT_MAX: port(25932, 600),
  // Where tests start S3 servers; containers reach nothing else of this machine.
  WINDLASS_DATABASES_MAY_REACH: [port(25382, 50), port(25392, 60), port(25393, 61)]
    .map((at) => `172.17.0.1:${at}`)
    .join(','),
  WINDLASS_POSTGRES_MAJORS: process.env['WINDLASS_POSTGRES_MAJORS'] ?? '15 17 18',
  WINDLASS_ALLOWED_VOLUME_ROOTS: path.join(HOME, 'volumes'),
  WINDLASS_WORKER_ENTRY: 'main-with-failpoints.js',
  FAILPOINTS_FILE: path.join(HOME, 'failpoints'),
  COMPOSE_PROJECT_NAME: 'windlass-e2e',
  WINDLASS_DATA_DIR: path.join(HOME, 'compose-data'),
};
export const API = process.env['WINDLASS_E2E_API'] ?? `http://127.0.0.1:${ENV.WINDLASS_HTTP_PORT}`;
export const HOST = 'host-1';

const run = promisify(execFile);

/** Runs a command and returns what it printed; rejects with its stderr when it fails. */
export async function sh(command: string, ...args: string[]): Promise<string> {
  const { stdout } = await run(command, args, { env: ENV, cwd: ROOT, maxBuffer: 64 * 1024 * 1024 });
  return stdout;
}

export const bash = (script: string): Promise<string> => sh('bash', '-c', script);

/** Asks the etcd of the stack; keys of Windlass begin with /windlass/. */
export const etcdctl = (command: string): Promise<string> =>
  bash(`. bin/lib/common.sh; . bin/lib/processes.sh; ctl --command-timeout 10s ${command}`);

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

export const workerAlive = async (): Promise<boolean> =>
  (await bash('. bin/lib/common.sh; . bin/lib/processes.sh; running worker && echo yes; true')).trim() === 'yes';

/** A twentieth of the time that was waited so far: who waits for long leaves the machine to what is waited for. */
const pauseAfter = (waitedMs: number): number => Math.min(250, Math.max(50, waitedMs / 20));

/** Repeats a probe until it gives something; the error names what was waited for. */
export async function until<T>(
  what: string,
  probe: () => Promise<T | undefined | false>,
  timeoutMs = 30_000,
): Promise<T> {
  const begun = Date.now();
  let last: unknown;
  while (Date.now() < begun + timeoutMs) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (err) {
      last = err;
    }
    await sleep(pauseAfter(Date.now() - begun));
  }
  const why = last instanceof Error ? `: ${last.message}` : '';
  throw new Error(`waited ${String(timeoutMs)} ms for ${what}${why}`, { cause: last });
}
