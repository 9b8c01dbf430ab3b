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
import { heartbeats } from '@windlass/resources/platform/records';
import { openBox, openTrust, type OwnTrust, type TrustConfig } from '@windlass/resources/platform/clients';
import { LeafBook } from '@windlass/resources/platform/leaves';
import { openPayloads, type Payloads } from '@windlass/resources/platform/payloads';
import { masterKeySource } from '@windlass/resources/platform/settings';
import { checkMasterKeys, connectEtcd, Heartbeat, KeyRing, openEtcdKv } from '@windlass/resources/store';
import type { Logger } from 'pino';
import { isTrusted, type WorkerConfig } from './config.ts';
import { openStore } from './open-store.ts';

export interface OpenedDeps extends Omit<PostgresDeps, 'sampleInstances' | 'timeoutBefore' | 'hook' | 'activityHook'> {
  readonly clients: Clients;
  /** Absent on a host that is not trusted with all secrets. */
  readonly masterKeys: KeyRing | undefined;
  readonly trust: OwnTrust;
  readonly payloads: Payloads;
  close(): Promise<void>;
}

type Opened = Pick<ClientsConfig, 'kv' | 'box' | 'schedules' | 'trust'>;

function clientsConfig(config: WorkerConfig, { kv, box, schedules, trust }: Opened): ClientsConfig {
  return {
    kv,
    hostId: config.WINDLASS_HOST_ID,
    dataDir: config.WINDLASS_DATA_DIR,
    clientAddresses: config.WINDLASS_CLIENT_ADDRESSES,
    etcdEndpoints: config.WINDLASS_ETCD_ENDPOINTS,
    advertisedEtcdEndpoints: config.WINDLASS_ADVERTISED_ETCD_ENDPOINTS,
    trust,
    box,
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

/**
 * The composition root: opens every client once and hands them to the activities. Before anything else the store is waited for. Schedules keep
 * arguments in Temporal, too.
 */
export async function openDeps(
  config: WorkerConfig,
  schedulesOf: (payloads: Payloads) => SchedulesPort,
  log: Logger,
): Promise<OpenedDeps> {
  const onError = (err: unknown): void => log.warn({ err }, 'a certificate could not be renewed; trying again');
  const masterKeys = isTrusted(config) ? await KeyRing.open(masterKeySource(config)) : undefined;
  const trust = await openTrust(trustConfig(config), new LeafBook(), onError);
  const kv = await openEtcdKv({ ...trust.etcd, endpoints: config.WINDLASS_ETCD_ENDPOINTS });
  await openStore(kv, config.WINDLASS_HOST_ID, present, log, async () => {
    if (masterKeys) await checkMasterKeys(kv, masterKeys, (sentence) => log.warn(sentence));
  });
  const box = openBox(kv, masterKeys, trust.servers);
  const payloads = openPayloads(kv, box, config.WINDLASS_TEMPORAL_PAYLOADS);
  const clients = await openClients(clientsConfig(config, { kv, box, schedules: schedulesOf(payloads), trust }));
  return {
    kv,
    masterKeys,
    clients,
    trust,
    payloads,
    state: new ResourceState(kv, entityFence, present),
    kind: kindOf,
    work: workOf,
    close: async () => {
      trust.close();
      await clients.close();
      await kv.close();
    },
  };
}

const trustConfig = (config: WorkerConfig): TrustConfig => ({
  owner: config.WINDLASS_HOST_ID,
  caCertPath: config.WINDLASS_CA_CERT,
  caKeyPath: config.WINDLASS_CA_KEY,
  serverUrls: config.WINDLASS_SERVER_URLS,
  clientCertPath: config.WINDLASS_CLIENT_CERT,
  clientKeyPath: config.WINDLASS_CLIENT_KEY,
  lifetimeMs: config.WINDLASS_CERTIFICATE_LIFETIME,
});

/** The sign of life of this host's worker, on a connection of its own: nothing else can hold it up. */
export async function openHeartbeat(
  config: WorkerConfig,
  { etcd }: Pick<OwnTrust, 'etcd'>,
  onError: (err: unknown) => void,
): Promise<{ readonly started: boolean; stop(): Promise<void> }> {
  const client = connectEtcd({ ...etcd, endpoints: config.WINDLASS_ETCD_ENDPOINTS });
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
