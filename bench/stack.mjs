// The stack that is measured: its own folder, ports and worker processes, several hosts on this machine's engine.
import { execFile, execFileSync } from 'node:child_process';
import { mkdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';

export const ROOT = path.resolve(import.meta.dirname, '..');
const BASE = Number(process.env.BENCH_PORT_BASE ?? 14000);
export const HOME = process.env.BENCH_HOME ?? '/tmp/windlass-bench';
/** Ports of the stack: BASE + 0 to 4; of its three hosts: + 100, + 300, + 500; of the raw floors: + 80, + 700 to 899. */
export const FLOOR_ETCD_PORT = BASE + 80;
export const FLOOR_PORT = BASE + 700;
export const API = `http://127.0.0.1:${BASE}`;
export const TEMPORAL = `127.0.0.1:${BASE + 3}`;
export const ETCD = `https://127.0.0.1:${BASE + 1}`;

export const ENV = {
  ...process.env,
  WINDLASS_HOME: HOME,
  WINDLASS_HTTP_PORT: String(BASE),
  WINDLASS_ETCD_PORT: String(BASE + 1),
  WINDLASS_ETCD_PEER_PORT: String(BASE + 2),
  WINDLASS_TEMPORAL_PORT: String(BASE + 3),
  WINDLASS_TEMPORAL_UI_PORT: String(BASE + 4),
  FLOOR_ETCD_PORT: String(FLOOR_ETCD_PORT),
  FLOOR_DIR: path.join(HOME, 'floor'),
  ...portsOf(1),
};
function portsOf(host) {
  const first = BASE + 100 + (host - 1) * 200;
  return { WINDLASS_PORT_MIN: String(first), WINDLASS_PORT_MAX: String(first + 199) };
}

const run = promisify(execFile);
/** Runs a command of this repository; its error holds what it printed. */
export async function sh(command, args = [], { env = {}, timeout = 120_000 } = {}) {
  const { stdout } = await run(command, args, {
    cwd: ROOT,
    env: { ...ENV, ...env },
    timeout,
    maxBuffer: 64 * 1024 * 1024,
  });
  return stdout.trim();
}

/** Repeats a probe until it gives something; the error names what was waited for. */
export async function until(what, probe, timeoutMs = 60_000, everyMs = 20) {
  const end = performance.now() + timeoutMs;
  let last;
  while (performance.now() < end) {
    try {
      const found = await probe();
      if (found !== undefined && found !== false) return found;
    } catch (err) {
      last = err;
    }
    await sleep(everyMs);
  }
  throw new Error(`waited ${timeoutMs} ms for ${what}${last ? `: ${last.message}` : ''}`);
}

export const pidOf = (name) => Number(readFileSync(path.join(HOME, 'run', `${name}.pid`), 'utf8'));
export const hostIds = (count) => Array.from({ length: count }, (_, i) => `host-${i + 1}`);

/** Starts what is missing: the stack, and as many hosts on this engine as are wanted. */
export async function ensureStack(hosts) {
  mkdirSync(HOME, { recursive: true });
  await sh('bin/up', ['--no-example'], { timeout: 1_200_000 });
  for (const [i, id] of hostIds(hosts).entries()) {
    const known = async () => (await (await fetch(`${API}/v1/hosts/${id}`)).json()).status?.state === 'healthy';
    if (i > 0 && !(await known().catch(() => false)))
      await sh('bin/lib/process.sh', ['start', 'worker', id], { env: portsOf(i + 1) });
    await until(`${id} to be healthy`, known);
  }
}

/** Ends the stack and everything it made. */
export function removeStack() {
  for (const script of ['bench/stock.sh', 'bench/floor.sh'])
    execFileSync('bash', [script, 'end'], { cwd: ROOT, env: ENV, stdio: 'ignore' });
  execFileSync(path.join(ROOT, 'bin/down'), ['--purge'], { cwd: ROOT, env: ENV, stdio: 'ignore', timeout: 300_000 });
}
