import { chmod, mkdir } from 'node:fs/promises';
import { connectEtcd } from '../../store/etcd.ts';
import { createPorts, createSecrets, type Kv, type PortRange, type SecretBox } from '../../store/index.ts';
import { withOwners } from './container-owners.ts';
import { controlIdentities } from './control-identities.ts';
import { createDcs } from './dcs.ts';
import { openDocker } from '../../platform/clients/docker.ts';
import { openFiles } from '../../platform/clients/files.ts';
import { createPatroni } from './patroni.ts';
import { createReplication } from './replication.ts';
import type { OwnTrust } from '../../platform/clients/own-trust.ts';
import type { Clients, SchedulesPort } from './ports.ts';
import { createPostgres } from './postgres.ts';

export * from './ports.ts';
export { SUPERUSER } from './postgres.ts';

export interface ClientsConfig {
  readonly kv: Kv;
  readonly hostId: string;
  readonly dataDir: string;
  readonly clientAddresses: readonly string[];
  readonly etcdEndpoints: readonly string[];
  /** Client URLs of etcd as containers reach them. */
  readonly advertisedEtcdEndpoints: readonly string[];
  readonly trust: OwnTrust;
  /** Opens the secrets that this host may have. */
  readonly box: SecretBox;
  readonly portRange: PortRange;
  readonly allowedVolumeRoots: readonly string[];
  readonly schedules: SchedulesPort;
}

/** Owner of everything in an instance's directories: the `postgres` user of our images. */
const OWNER = { uid: 5432, gid: 5432 } as const;

/** Opens everything a resource kind may touch, once per process. */
export async function openClients(config: ClientsConfig): Promise<Clients & { close(): Promise<void> }> {
  await mkdir(config.dataDir, { recursive: true });
  await chmod(config.dataDir, 0o755);
  const { kv, trust } = config;
  const { certificates } = trust;
  const etcd = connectEtcd({ ...trust.etcd, endpoints: config.etcdEndpoints });
  const { docker, ownerOf } = withOwners(await openDocker());
  const identities = controlIdentities(config.hostId, trust, ownerOf);
  const patroni = createPatroni((address) => identities.member(address));
  const postgres = createPostgres(identities);
  const replication = createReplication(identities);
  return {
    host: {
      hostId: config.hostId,
      dataDir: config.dataDir,
      swarmNodeId: docker.swarmNodeId,
      clientAddresses: config.clientAddresses,
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
    secrets: createSecrets(kv, config.box),
    ports: createPorts(kv, config.portRange),
    schedules: config.schedules,
    close: async () => {
      docker.close();
      await Promise.all([patroni.close(), postgres.close(), replication.close()]);
      etcd.close();
    },
  };
}
