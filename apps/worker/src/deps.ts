import { readFile } from 'node:fs/promises';
import { workOf, type PostgresDeps } from '@windlass/activities';
import {
  openClients,
  type Clients,
  type ClientsConfig,
  type SchedulesPort,
} from '@windlass/resources/postgres/clients';
import { presentForm, ResourceState, type AnyResource } from '@windlass/resources/engine';
import { entityFence } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import { kinds } from '@windlass/resources/postgres/kinds';
import { publishAddress } from '@windlass/resources/platform/clients';
import { heartbeats } from '@windlass/resources/platform/records';
import { masterKeySource } from '@windlass/resources/platform/settings';
import {
  checkMasterKeys,
  connectEtcd,
  Heartbeat,
  KeyRing,
  openEtcdKv,
  type EtcdOptions,
} from '@windlass/resources/store';
import type { Logger } from 'pino';
import { isTrusted, type WorkerConfig } from './config.ts';
import { openStore } from './open-store.ts';

export interface OpenedDeps extends Omit<PostgresDeps, 'sampleInstances' | 'timeoutBefore' | 'hook' | 'activityHook'> {
  readonly clients: Clients;
  /** Absent on a host that is not trusted with all secrets. */
  readonly masterKeys: KeyRing | undefined;
  close(): Promise<void>;
}

type Opened = Pick<ClientsConfig, 'kv' | 'masterKeys' | 'schedules'>;

function clientsConfig(config: WorkerConfig, { kv, masterKeys, schedules }: Opened): ClientsConfig {
  return {
    kv,
    hostId: config.WINDLASS_HOST_ID,
    dataDir: config.WINDLASS_DATA_DIR,
    clientAddresses: config.WINDLASS_CLIENT_ADDRESSES,
    publishOn: config.WINDLASS_PUBLISH_ADDRESS ?? publishAddress(config.WINDLASS_CLIENT_ADDRESSES),
    etcdEndpoints: config.WINDLASS_ETCD_ENDPOINTS,
    advertisedEtcdEndpoints: config.WINDLASS_ADVERTISED_ETCD_ENDPOINTS,
    caCertPath: config.WINDLASS_CA_CERT,
    caKeyPath: config.WINDLASS_CA_KEY,
    serverUrls: config.WINDLASS_SERVER_URLS,
    clientCertPath: config.WINDLASS_CLIENT_CERT,
    clientKeyPath: config.WINDLASS_CLIENT_KEY,
    masterKeys,
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
  const masterKeys = isTrusted(config) ? await KeyRing.open(masterKeySource(config)) : undefined;
  const kv = await openEtcdKv(await etcdOptions(config));
  await openStore(kv, config.WINDLASS_HOST_ID, present, log, async () => {
    if (masterKeys) await checkMasterKeys(kv, masterKeys, (sentence) => log.warn(sentence));
  });
  const clients = await openClients(clientsConfig(config, { kv, masterKeys, schedules }));
  return {
    kv,
    masterKeys,
    clients,
    state: new ResourceState(kv, entityFence, present),
    kind: kindOf,
    work: workOf,
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
  const heartbeat = new Heartbeat(client, heartbeats.key(config.WINDLASS_HOST_ID), onError);
  const stop = async (): Promise<void> => {
    await heartbeat.stop();
    client.close();
  };
  return { started: await heartbeat.start(), stop };
}

function unknownKind(name: string): never {
  throw new DomainError('server_error', `this worker does not know the resource kind '${name}'`);
}
