import { mkdir } from 'node:fs/promises';
import path from 'node:path';
import { openClients, type Clients } from '../postgres/clients/index.ts';
import { openTrust } from '../platform/clients/own-trust.ts';
import { LeafBook } from '../platform/leaves/index.ts';
import { aBox } from './a-box.ts';
import { createFakeSchedules } from './fake-clients.ts';
import { BRIDGE, openRealEtcd } from './real-etcd.ts';
import { openEtcdKv, type Kv } from '../store/index.ts';
import type { HostRecord } from '../platform/records/host-records.ts';

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
  const etcd = await openRealEtcd();
  const { directory, connection, port } = etcd;
  await mkdir(path.join(directory, 'data'));
  const kv = await openEtcdKv(connection);
  const files = {
    caCertPath: path.join(directory, 'ca.crt'),
    caKeyPath: path.join(directory, 'ca.key'),
    clientCertPath: path.join(directory, 'root.crt'),
    clientKeyPath: path.join(directory, 'root.key'),
  };
  const failed = (err: unknown): void =>
    void process.stderr.write(`a certificate could not be renewed: ${String(err)}\n`);
  const trust = await openTrust({ owner: 'it-host', ...files }, new LeafBook(), failed);
  const clients = await openClients({
    kv,
    hostId: 'it-host',
    dataDir: path.join(directory, 'data'),
    clientAddresses: ['127.0.0.1'],
    etcdEndpoints: connection.endpoints,
    advertisedEtcdEndpoints: [`https://${BRIDGE}:${String(port)}`],
    trust,
    box: aBox(kv),
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
      trust.close();
      await clients.close();
      await kv.close();
      await etcd.close();
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
    ownNames: true,
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
