import { chmod, mkdir, readFile } from 'node:fs/promises';
import { connectEtcd } from '../../store/etcd.ts';
import { createMasterKeys, createPorts, createSecretBox, createSecrets, type KeyRing, type Kv, type PortRange } from '../../store/index.ts'; // prettier-ignore
import { createCertificates } from '../../platform/clients/certificates.ts';
import { createDcs } from './dcs.ts';
import { openDocker } from '../../platform/clients/docker.ts';
import { hostNetworkOf } from '../../platform/clients/host-network.ts';
import { openFiles } from '../../platform/clients/files.ts';
import { createPatroni } from './patroni.ts';
import { createReplication } from './replication.ts';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';
import type { CertificatesPort, Clients, SchedulesPort } from './ports.ts';
import { createPostgres, SUPERUSER } from './postgres.ts';
import type { Servers } from '../../platform/clients/ask-servers.ts';
import { createRemoteCertificates } from '../../platform/clients/remote-certificates.ts';
import { createRemoteKeys } from '../../platform/clients/remote-keys.ts';

export * from './ports.ts';
export { SUPERUSER } from './postgres.ts';

export interface ClientsConfig {
  readonly kv: Kv;
  readonly hostId: string;
  readonly dataDir: string;
  readonly clientAddresses: readonly string[];
  /** Address of this host on which instances publish their ports. */
  readonly publishOn: string;
  readonly etcdEndpoints: readonly string[];
  /** Client URLs of etcd as containers reach them. */
  readonly advertisedEtcdEndpoints: readonly string[];
  readonly caCertPath: string;
  /** Absent on a host that is not trusted with it: then servers sign. */
  readonly caKeyPath?: string | undefined;
  /** Servers of the cluster; needed without a key of the CA. */
  readonly serverUrls?: readonly string[] | undefined;
  readonly clientCertPath: string;
  readonly clientKeyPath: string;
  /** Absent on a host that is not trusted with all secrets: then servers give data keys. */
  readonly masterKeys?: KeyRing | undefined;
  readonly portRange: PortRange;
  readonly allowedVolumeRoots: readonly string[];
  readonly schedules: SchedulesPort;
}

/** Owner of everything in an instance's directories: the `postgres` user of our images. */
const OWNER = { uid: 5432, gid: 5432 } as const;

/** Opens everything a resource kind may touch, once per process. */
export async function openClients(config: ClientsConfig): Promise<Clients & { close(): Promise<void> }> {
  const [caPem, certPem, keyPem] = (await Promise.all(
    [config.caCertPath, config.clientCertPath, config.clientKeyPath].map((p) => readFile(p, 'utf8')),
  )) as [string, string, string];
  await mkdir(config.dataDir, { recursive: true });
  await chmod(config.dataDir, 0o755);
  const servers = { caPem, certPem, keyPem, serverUrls: config.serverUrls ?? [] };
  const { kv, masterKeys } = config;
  const dataKeys = masterKeys ? createMasterKeys(kv, masterKeys) : createRemoteKeys(kv, servers);
  const certificates = await openCertificates(config.caKeyPath, servers);
  const identity = cachedIdentity(certificates);
  const etcd = connectEtcd({ endpoints: config.etcdEndpoints, caPem, certPem, keyPem });
  const docker = await openDocker();
  const patroni = createPatroni(identity);
  const postgres = createPostgres(identity);
  const replication = createReplication(identity);
  return {
    host: {
      hostId: config.hostId,
      dataDir: config.dataDir,
      swarmNodeId: docker.swarmNodeId,
      clientAddresses: config.clientAddresses,
      network: hostNetworkOf(caPem, config.publishOn),
      ownerUid: OWNER.uid,
      ownerGid: OWNER.gid,
      etcdEndpoints: config.advertisedEtcdEndpoints,
      allowedVolumeRoots: config.allowedVolumeRoots,
    },
    docker,
    files: openFiles(config.dataDir, OWNER),
    dcs: createDcs(etcd),
    patroni,
    postgres,
    replication,
    certificates,
    secrets: createSecrets(kv, createSecretBox(kv, dataKeys)),
    ports: createPorts(kv, config.portRange),
    schedules: config.schedules,
    close: async () => {
      docker.close();
      await Promise.all([patroni.close(), postgres.close(), replication.close()]);
      etcd.close();
    },
  };
}

async function openCertificates(caKeyPath: string | undefined, servers: Servers): Promise<CertificatesPort> {
  if (caKeyPath === undefined) return createRemoteCertificates(servers);
  const authority = { certPem: servers.caPem, keyPem: await readFile(caKeyPath, 'utf8') };
  return createCertificates(() => Promise.resolve(authority));
}

const RENEW_AFTER_MS = 30 * 86_400_000;

/** The certificate with which this process shows that it is the control plane; renewed long before it ends. */
function cachedIdentity(certificates: CertificatesPort): () => Promise<ClientIdentity> {
  let cached: { readonly made: number; readonly identity: Promise<ClientIdentity> } | undefined;
  const make = async (): Promise<ClientIdentity> => {
    const leaf = await certificates.issue({ commonName: SUPERUSER, names: [], days: 90 });
    return { caPem: await certificates.caPem(), certPem: leaf.certPem, keyPem: leaf.keyPem };
  };
  return () => {
    if (!cached || Date.now() - cached.made > RENEW_AFTER_MS) cached = { made: Date.now(), identity: make() };
    return cached.identity;
  };
}
