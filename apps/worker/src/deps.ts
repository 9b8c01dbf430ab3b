import { readFile } from 'node:fs/promises';
import type { ActivityDeps } from '@windlass/activities';
import { openClients, type Clients, type ClientsConfig, type SchedulesPort } from '@windlass/resources/clients';
import { compose, type StoredDatabase } from '@windlass/resources/compose';
import { presentForm, ResourceState, type AnyResource, type Desired } from '@windlass/resources/engine';
import { DomainError } from '@windlass/resources/errors';
import { kinds } from '@windlass/resources/kinds';
import {
  connectEtcd,
  Heartbeat,
  openEtcdKv,
  type DatabaseRecord,
  type EtcdOptions,
  type HostRecord,
  type Kv,
  type ResourceRecord,
} from '@windlass/resources/store';
import type { Logger } from 'pino';
import type { WorkerConfig } from './config.ts';
import { openStore } from './open-store.ts';

export interface OpenedDeps extends Omit<ActivityDeps, 'sampleInstances' | 'hook' | 'activityHook'> {
  readonly clients: Clients;
  close(): Promise<void>;
}

function clientsConfig(config: WorkerConfig, kv: Kv, schedules: SchedulesPort): ClientsConfig {
  return {
    kv,
    hostId: config.WINDLASS_HOST_ID,
    dataDir: config.WINDLASS_DATA_DIR,
    clientAddresses: config.WINDLASS_CLIENT_ADDRESSES,
    etcdEndpoints: config.WINDLASS_ETCD_ENDPOINTS,
    advertisedEtcdEndpoints: config.WINDLASS_ADVERTISED_ETCD_ENDPOINTS,
    caCertPath: config.WINDLASS_CA_CERT,
    caKeyPath: config.WINDLASS_CA_KEY,
    serverUrls: config.WINDLASS_SERVER_URLS,
    clientCertPath: config.WINDLASS_CLIENT_CERT,
    clientKeyPath: config.WINDLASS_CLIENT_KEY,
    masterKeyPath: config.WINDLASS_MASTER_KEY_FILE,
    portRange: { min: config.WINDLASS_PORT_MIN, max: config.WINDLASS_PORT_MAX },
    allowedVolumeRoots: config.WINDLASS_ALLOWED_VOLUME_ROOTS,
    schedules,
  };
}

const registry = new Map<string, AnyResource<Clients>>(kinds.map((kind) => [kind.kind, kind]));
/** The kind of this name; throws for one that this program does not know. */
export const kindOf = (name: string): AnyResource<Clients> => registry.get(name) ?? unknownKind(name);

/** Stored resources as the kinds of this program know them. */
export const present = presentForm(kindOf);

/** The composition root: opens every client once and hands them to the activities. Before anything else the store is waited for. */
export async function openDeps(config: WorkerConfig, schedules: SchedulesPort, log: Logger): Promise<OpenedDeps> {
  const kv = await openEtcdKv(await etcdOptions(config));
  await openStore(kv, config.WINDLASS_HOST_ID, present, log);
  const clients = await openClients(clientsConfig(config, kv, schedules));
  return {
    kv,
    clients,
    state: new ResourceState(kv, databaseFence, present),
    kind: kindOf,
    compose: (databaseId, stored, upgradeTo) => composeDatabase(kv, databaseId, stored, upgradeTo),
    close: async () => {
      await clients.close();
      await kv.close();
    },
  };
}

const etcdOptions = async (config: WorkerConfig): Promise<EtcdOptions> => ({
  endpoints: config.WINDLASS_ETCD_ENDPOINTS,
  caPem: await readFile(config.WINDLASS_CA_CERT, 'utf8'),
  certPem: await readFile(config.WINDLASS_CLIENT_CERT, 'utf8'),
  keyPem: await readFile(config.WINDLASS_CLIENT_KEY, 'utf8'),
});

/** The sign of life of this host's worker, on a connection of its own: nothing else can hold it up. */
export async function openHeartbeat(
  config: WorkerConfig,
  onError: (err: unknown) => void,
): Promise<{ readonly started: boolean; stop(): Promise<void> }> {
  const client = connectEtcd(await etcdOptions(config));
  const heartbeat = new Heartbeat(client, config.WINDLASS_HOST_ID, onError);
  const stop = async (): Promise<void> => {
    await heartbeat.stop();
    client.close();
  };
  return { started: await heartbeat.start(), stop };
}

const databaseFence = {
  key: (databaseId: string) => `databases/${databaseId}`,
  ownerOf: (value: unknown) => (value as DatabaseRecord).openTaskId,
};

function unknownKind(name: string): never {
  throw new DomainError('server_error', `this worker does not know the resource kind '${name}'`);
}

/** The desired resources of a database, in the world as it is stored. */
export async function composeDatabase(
  kv: Kv,
  databaseId: string,
  stored: unknown,
  upgradeTo?: string,
): Promise<readonly Desired[]> {
  const hosts = (await kv.list('hosts/')).map((row) => row.value as HostRecord);
  const record = (await kv.get(`databases/${databaseId}`))?.value as DatabaseRecord | undefined;
  const currentImages = await currentImagesOf(kv, databaseId);
  const stopped = record?.stoppedInstances;
  const tenantId = record?.tenantId;
  return compose(stored as StoredDatabase, { databaseId, tenantId, hosts, currentImages, stopped, upgradeTo });
}

/** What each instance's service was made with. */
async function currentImagesOf(kv: Kv, databaseId: string): Promise<Map<string, string>> {
  const rows = await kv.list(`resources/${databaseId}/swarm.service::`);
  const specs = rows.map((row) => (row.value as ResourceRecord).spec as { instanceId: string; imageId: string });
  return new Map(specs.map((spec) => [spec.instanceId, spec.imageId]));
}
