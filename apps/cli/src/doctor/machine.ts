import { execFile } from 'node:child_process';
import { X509Certificate } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { connect } from 'node:net';
import path from 'node:path';
import { isObject, textOf } from '@windlass/client/json';
import { findCheckout } from '../checkout.ts';
import { bytes } from '../output/quantities.ts';
import type { Terminal } from '../terminal.ts';
import { lookAtEnds } from './certificates.ts';
import { fail, ok, reasonOf, warn, type Finding } from './finding.ts';

type Here = Pick<Terminal, 'env' | 'cwd'>;

/** Where bin/up and bin/host keep what they start; undefined where neither ran. */
export function findHome(here: Here): string | undefined {
  const checkout = findCheckout(here);
  const home = here.env['WINDLASS_HOME'] || (checkout === undefined ? undefined : path.join(checkout, '.windlass'));
  return home !== undefined && existsSync(home) ? home : undefined;
}

/** What only the machine knows: its engine, ports, processes, disk, and the files of certificates. */
export async function lookAtMachine(here: Here): Promise<Finding[]> {
  const home = findHome(here);
  if (home === undefined)
    return [
      { what: 'this machine', state: 'skip', says: 'neither bin/up nor bin/host ran here (no .windlass): engine, ports and disk were not looked at; run windlass doctor on a host' },
    ]; // prettier-ignore
  const parts = [lookAtNode(), lookAtEngine(here), lookAtProcesses(here, home), lookAtDisk(home), lookAtFiles(home)];
  return (await Promise.all(parts)).flat();
}

function lookAtNode(): Promise<Finding[]> {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number);
  const what = 'here: Node.js';
  const fits = major > 20 || (major === 20 && minor >= 19);
  return Promise.resolve([fits ? ok(what, process.version) : fail(what, `${process.version} is too old`, 'install Node.js >= 20.19')]); // prettier-ignore
}

async function lookAtEngine({ env }: Here): Promise<Finding[]> {
  const what = 'here: Docker engine';
  const start = 'start it: systemctl start docker, or windlass up';
  try {
    const told = await output('docker', ['info', '--format', '{{json .}}'], env);
    const info: unknown = JSON.parse(told);
    const version = textOf(info, 'ServerVersion') ?? '';
    if (version === '') return [fail(what, 'does not answer', start)];
    const swarm = isObject(info) ? textOf(info['Swarm'], 'LocalNodeState') : undefined;
    const member = swarm === 'active' ? ok('here: swarm', 'active') : fail('here: swarm', swarm ?? 'unknown', 'windlass up makes one; on a host bin/host start enters it'); // prettier-ignore
    return [ok(what, version), member];
  } catch (err) {
    return [fail(what, reasonOf(err).split('\n')[0] ?? '', start)];
  }
}

const output = (program: string, args: readonly string[], env: Here['env']): Promise<string> =>
  new Promise((resolve, reject) => {
    execFile(program, args, { env: { ...env }, timeout: 10_000, maxBuffer: 2 ** 24 }, (err, told) => (err ? reject(err) : resolve(told))); // prettier-ignore
  });

/** What bin/up starts, the port it listens on, and the setting of that port. */
const PROCESSES = [
  ['etcd', 'WINDLASS_ETCD_PORT', 2379],
  ['temporal', 'WINDLASS_TEMPORAL_PORT', 7233],
  ['server', 'WINDLASS_HTTP_PORT', 3000],
] as const;

/** A host that joined runs a worker alone. */
async function lookAtProcesses({ env }: Here, home: string): Promise<Finding[]> {
  const joined = existsSync(path.join(home, 'state', 'joined.json'));
  const worker = lookAtProcess(home, 'worker', joined ? 'bin/host start' : 'windlass up');
  if (joined) return [worker];
  const rest = PROCESSES.map(async ([name, setting, usual]) => {
    const port = Number(env[setting] || usual);
    const what = `here: ${name}`;
    const [lives, open] = [isAlive(home, name), await isOpen(port)];
    if (lives && open) return ok(what, `listens on port ${String(port)}`);
    if (lives) return fail(what, `runs, and port ${String(port)} does not answer`, `see ${home}/log/${name}.log; windlass up starts it anew`); // prettier-ignore
    if (open) return fail(what, `does not run, and another process has its port ${String(port)}`, `end that one (ss -ltnp), or set ${setting}; then windlass up`); // prettier-ignore
    return fail(what, 'does not run', 'windlass up');
  });
  return [...(await Promise.all(rest)), worker];
}

function lookAtProcess(home: string, name: string, start: string): Finding {
  const what = `here: ${name}`;
  return isAlive(home, name) ? ok(what, 'runs') : fail(what, 'does not run', `${start}; its log is ${home}/log/${name}.log`); // prettier-ignore
}

function isAlive(home: string, name: string): boolean {
  try {
    return process.kill(Number(readFileSync(path.join(home, 'run', `${name}.pid`), 'utf8')), 0);
  } catch (err) {
    return isObject(err) && err['code'] === 'EPERM';
  }
}

const isOpen = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const asked = connect({ port, host: '127.0.0.1', timeout: 2000 });
    const end = (found: boolean) => () => (asked.destroy(), resolve(found));
    asked.on('connect', end(true)).on('error', end(false)).on('timeout', end(false));
  });

async function lookAtDisk(home: string): Promise<Finding[]> {
  const { bavail, blocks, bsize } = await statfs(home);
  const says = `${bytes(bavail * bsize)} of ${bytes(blocks * bsize)} are free under ${home}`;
  const what = 'here: disk';
  if (bavail * bsize < 2 ** 30 || bavail / blocks < 0.05) return [fail(what, says, 'make room: below 1 GiB or 5 % Postgres may stop')]; // prettier-ignore
  return [bavail / blocks < 0.15 ? warn(what, says, 'make room before it is below 5 %') : ok(what, says)];
}

/** Files of certificates, by their names. */
function lookAtFiles(home: string): Promise<Finding[]> {
  const ends = ['ca', 'state/trust'].flatMap((folder) => {
    const at = path.join(home, folder);
    const files = existsSync(at) ? readdirSync(at).filter((name) => name.endsWith('.crt')) : [];
    return files.map((name) => [`${folder}/${name}`, endOf(path.join(at, name))] as const);
  });
  return Promise.resolve(lookAtEnds('here', Object.fromEntries(ends)));
}

function endOf(file: string): string | undefined {
  try {
    return new Date(new X509Certificate(readFileSync(file)).validTo).toISOString();
  } catch {
    return undefined; // somebody else's file, or one that only its owner reads
  }
}
