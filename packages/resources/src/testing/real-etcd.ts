import { spawn, type ChildProcess } from 'node:child_process';
import { randomBytes, randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { chmod, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { createCa, createCertificates } from '../platform/clients/certificates.ts';
import { connectEtcd, type EtcdOptions } from '../store/etcd.ts';

/** Address of the host on Docker's default bridge, as containers reach it. */
export const BRIDGE = '172.17.0.1';

const READY_WITHIN_MS = 20_000;

/** An etcd of a test's own: TLS, client certificates and users, on free ports, in a temporary directory. */
export interface RealEtcd {
  /** Also holds `ca`, `server` and `root` as `.crt` and `.key`, and `master.key`. */
  readonly directory: string;
  readonly port: number;
  /** How to connect as root. */
  readonly connection: EtcdOptions;
  readonly pid: () => number;
  /** SIGKILL; resolves when the process is gone. */
  kill(): Promise<void>;
  /** Starts it again on its data; resolves when it answers. */
  start(): Promise<void>;
  close(): Promise<void>;
}

export async function openRealEtcd(): Promise<RealEtcd> {
  const directory = await mkdtemp(path.join(tmpdir(), 'windlass-it-'));
  await chmod(directory, 0o755);
  const trust = await writeTrust(directory);
  const [port, peerPort] = [await freePort(), await freePort()];
  const connection = {
    endpoints: [`https://127.0.0.1:${String(port)}`],
    caPem: trust.ca.certPem,
    certPem: trust.root.certPem,
    keyPem: trust.root.keyPem,
  };
  let etcd: ChildProcess | undefined;
  const stop = async (signal: NodeJS.Signals): Promise<void> => {
    if (!etcd || etcd.exitCode !== null || etcd.signalCode !== null) return;
    const gone = once(etcd, 'exit');
    etcd.kill('SIGCONT');
    etcd.kill(signal);
    await gone;
  };
  const start = async (): Promise<void> => {
    etcd = await startEtcd(directory, port, peerPort);
    await untilReady(connection);
  };
  await start();
  await enableAuth(connection);
  return {
    directory,
    port,
    connection,
    pid: () => etcd?.pid ?? 0,
    kill: () => stop('SIGKILL'),
    start,
    close: async () => {
      await stop('SIGTERM');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

async function writeTrust(directory: string) {
  const ca = await createCa('Windlass test CA');
  const certificates = createCertificates(() => Promise.resolve(ca));
  const server = await certificates.issue({ commonName: '', names: ['localhost', '127.0.0.1', BRIDGE], days: 2 });
  const root = await certificates.issue({ commonName: 'root', names: [], days: 2 });
  for (const [name, pair] of Object.entries({ ca, server, root })) {
    await writeFile(path.join(directory, `${name}.crt`), pair.certPem, { mode: 0o600 });
    await writeFile(path.join(directory, `${name}.key`), pair.keyPem, { mode: 0o600 });
  }
  await writeFile(path.join(directory, 'master.key'), randomBytes(32).toString('hex'), { mode: 0o600 });
  return { ca, root };
}

async function startEtcd(directory: string, port: number, peerPort: number): Promise<ChildProcess> {
  const file = (name: string): string => path.join(directory, name);
  const child = spawn(
    'etcd',
    [
      ['--data-dir', file('etcd')],
      ['--listen-client-urls', `https://0.0.0.0:${String(port)}`],
      ['--advertise-client-urls', `https://${BRIDGE}:${String(port)}`],
      ['--listen-peer-urls', `http://127.0.0.1:${String(peerPort)}`],
      ['--initial-advertise-peer-urls', `http://127.0.0.1:${String(peerPort)}`],
      ['--initial-cluster', `default=http://127.0.0.1:${String(peerPort)}`],
      ['--initial-cluster-token', randomUUID()],
      ['--cert-file', file('server.crt')],
      ['--key-file', file('server.key')],
      ['--trusted-ca-file', file('ca.crt')],
      ['--client-cert-auth'],
      // Passwords are random and long: a costly hash would only slow down every login.
      ['--bcrypt-cost', '4'],
    ].flat(),
    { stdio: 'ignore' },
  );
  await once(child, 'spawn');
  return child;
}

async function untilReady(connection: EtcdOptions): Promise<void> {
  const client = connectEtcd(connection);
  const until = Date.now() + READY_WITHIN_MS;
  try {
    for (;;) {
      try {
        await client.get('ready').string();
        return;
      } catch (err) {
        if (Date.now() > until) throw err;
        await delay(20);
      }
    }
  } finally {
    client.close();
  }
}

/** Gives the certificate `CN=root` its user and switches users on. */
async function enableAuth(connection: EtcdOptions): Promise<void> {
  const client = connectEtcd(connection);
  await client
    .role('root')
    .create()
    .catch(() => undefined);
  await client.user('root').create(randomUUID());
  await client.user('root').addRole('root');
  await client.auth.authEnable();
  client.close();
}

/** A port nobody listens on now. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
