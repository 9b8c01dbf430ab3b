import { randomBytes, randomUUID } from 'node:crypto';
import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer, type AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { createCa, createCertificates } from '../platform/clients/index.ts';
import { openClients, type Clients } from '../postgres/clients/index.ts';
import { connectEtcd } from '../store/etcd.ts';
import { createFakeSchedules } from './fake-clients.ts';
import { openEtcdKv, type Kv } from '../store/index.ts';
import type { HostRecord } from '../platform/records/host-records.ts';

/** Address of the host on Docker's default bridge, as containers reach it. */
const BRIDGE = '172.17.0.1';

export interface RealStack {
  readonly clients: Clients;
  readonly kv: Kv;
  /** This host as its worker would report it. */
  readonly host: HostRecord;
  readonly directory: string;
  close(): Promise<void>;
}

/** An etcd of its own (TLS, client certificates, users), and clients on the Docker engine of this machine. */
export async function openRealStack(): Promise<RealStack> {
  const directory = await mkdtemp(path.join(tmpdir(), 'windlass-it-'));
  await chmod(directory, 0o755);
  const files = await writeTrust(directory);
  const port = await freePort();
  const etcd = await startEtcd(directory, port, await freePort());
  const endpoints = [`https://127.0.0.1:${String(port)}`];
  const connection = { endpoints, caPem: files.ca.certPem, certPem: files.root.certPem, keyPem: files.root.keyPem };
  await enableAuth(connection);
  const kv = await openEtcdKv(connection);
  const clients = await openClients({
    kv,
    hostId: 'it-host',
    dataDir: path.join(directory, 'data'),
    clientAddresses: ['127.0.0.1'],
    etcdEndpoints: endpoints,
    advertisedEtcdEndpoints: [`https://${BRIDGE}:${String(port)}`],
    caCertPath: path.join(directory, 'ca.crt'),
    caKeyPath: path.join(directory, 'ca.key'),
    clientCertPath: path.join(directory, 'root.crt'),
    clientKeyPath: path.join(directory, 'root.key'),
    masterKeyPath: path.join(directory, 'master.key'),
    portRange: { min: 26_000, max: 26_999 },
    allowedVolumeRoots: [],
    schedules: createFakeSchedules(),
  });
  const images = await Promise.all(MAJORS.map((major) => imageOf(clients, major)));
  return {
    clients,
    kv,
    directory,
    host: toHostRecord(clients, { images, replicatorImages: await clients.docker.replicatorImages() }),
    close: async () => {
      await clients.close();
      await kv.close();
      etcd.kill('SIGTERM');
      await once(etcd, 'exit');
      await rm(directory, { recursive: true, force: true });
    },
  };
}

/** Made-up minor versions: an image is asked for by its major version. */
const MAJORS = ['17', '15', '18'] as const;

async function imageOf({ docker }: Clients, major: string): Promise<HostRecord['images'][number]> {
  const image = await docker.image(`windlass/postgres:${major}`);
  if (!image) throw new Error(`this test needs the image 'windlass/postgres:${major}': run bin/up once`);
  return { postgresVersion: `${major}.6`, id: image.id };
}

type HostImages = Pick<HostRecord, 'images' | 'replicatorImages'>;

function toHostRecord({ host }: Clients, { images, replicatorImages }: HostImages): HostRecord {
  return {
    id: host.hostId,
    dataDir: host.dataDir,
    swarmNodeId: host.swarmNodeId,
    controlAvailable: true,
    peerAddresses: ['127.0.0.1'],
    clientAddresses: host.clientAddresses,
    cpus: 2,
    memoryBytes: 8 * 1024 ** 3,
    images,
    replicatorImages,
    components: {},
    seenAt: new Date().toISOString(),
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
  await mkdir(path.join(directory, 'data'));
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

/** Waits for etcd to answer, then gives the certificate `CN=root` its user and switches users on. */
async function enableAuth(connection: Parameters<typeof connectEtcd>[0]): Promise<void> {
  const client = connectEtcd(connection);
  const until = Date.now() + 20_000;
  for (;;) {
    try {
      await client.get('ready').string();
      break;
    } catch (err) {
      if (Date.now() > until) throw err;
    }
  }
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
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
