import { closeSync, existsSync, fstatSync, openSync, readdirSync, readFileSync, readSync } from 'node:fs';
import path from 'node:path';
import { findHome } from '../doctor/machine.ts';
import type { Terminal } from '../terminal.ts';

type Here = Pick<Terminal, 'env' | 'cwd'>;

const LOG_BYTES = 2 ** 20;
/** Settings whose values say nothing that would let somebody in. */
const PLAIN = /_(PORT|HOST|HOST_ID|SERVER_ID|DIR|FILE|ADDRESS|ADDRESSES|ENDPOINTS|URL|URLS|LEVEL|KEPT|DAYS|MINUTES|MIN|MAX|MAJORS|REPAIR|NAMESPACE|REVISION|CERT|CA|LOGIN|LOGINS|AT_ONCE|STREAMS|TLS|HOME|CACHE|ROOTS|PER_LOGIN|PER_ADDRESS)$/; // prettier-ignore

/** What this machine has of its own: the end of every log, and what its processes were started with. */
export interface LocalParts {
  readonly logs: Readonly<Record<string, string>>;
  readonly settings: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Secrets that may stand in what is collected. */
  readonly secrets: readonly string[];
}

/** Undefined where neither bin/up nor bin/host ran. */
export function readLocal(here: Here): LocalParts | undefined {
  const home = findHome(here);
  if (home === undefined) return undefined;
  const logs = filesOf(path.join(home, 'log')).filter((name) => name.endsWith('.log'));
  const names = filesOf(path.join(home, 'run')).filter((name) => name.endsWith('.pid'));
  return {
    logs: Object.fromEntries(logs.map((name) => [name, endOf(path.join(home, 'log', name))])),
    settings: Object.fromEntries(
      names.map((name) => [name.replace(/\.pid$/, ''), settingsOf(path.join(home, 'run', name))]),
    ),
    secrets: filesOf(path.join(home, 'secrets')).flatMap((name) => readable(path.join(home, 'secrets', name)).trim().split(/\s+/)), // prettier-ignore
  };
}

const filesOf = (folder: string): string[] => (existsSync(folder) ? readdirSync(folder).sort() : []);

/** What cannot be read is not ours to pass on. */
function readable(file: string): string {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return '';
  }
}

function endOf(file: string): string {
  const at = openSync(file, 'r');
  try {
    const { size } = fstatSync(at);
    const buffer = Buffer.alloc(Math.min(size, LOG_BYTES));
    readSync(at, buffer, 0, buffer.length, size - buffer.length);
    return buffer.toString('utf8');
  } finally {
    closeSync(at);
  }
}

/** Of a process as it was started: other settings than those that are plain are only named. */
function settingsOf(pidFile: string): Readonly<Record<string, string>> {
  const pairs = readable(`/proc/${readable(pidFile).trim()}/environ`)
    .split('\0')
    .map((pair) => /^(WINDLASS_\w+)=(.*)$/s.exec(pair))
    .flatMap((found) => (found ? [[found[1] ?? '', found[2] ?? ''] as const] : []));
  return Object.fromEntries(pairs.map(([name, value]) => [name, PLAIN.test(name) ? value : '[left out]']));
}
