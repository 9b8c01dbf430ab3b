import { createCa, createCertificates } from '../platform/clients/certificates.ts';
import { openFiles } from '../platform/clients/files.ts';
import type { Clients, DcsPort, ScheduleRequest, SchedulesPort } from '../postgres/clients/ports.ts';
import type { SecretsPort } from '../store/secrets/secrets.ts';
import { DomainError } from '../errors/index.ts';
import { createMemoryKv, createPorts } from '../store/index.ts';
import { createFakeDocker } from './fake-docker.ts';

/** Everything a kind outside Postgres may touch, in memory; files lie under `root`. Postgres and Patroni do not answer. */
export async function createFakeClients(root: string): Promise<Clients> {
  const ca = await createCa('fake');
  const owner = { uid: process.getuid?.() ?? 0, gid: process.getgid?.() ?? 0 };
  const away = (): Promise<never> => Promise.reject(new DomainError('postgres_unavailable'));
  return {
    host: {
      hostId: 'host-1',
      dataDir: root,
      swarmNodeId: 'node-1',
      clientAddresses: ['127.0.0.1'],
      ownerUid: owner.uid,
      ownerGid: owner.gid,
      etcdEndpoints: ['https://192.0.2.1:2379'],
      allowedVolumeRoots: [],
    },
    docker: createFakeDocker(),
    files: openFiles(root, owner),
    dcs: createFakeDcs(),
    patroni: {
      status: away,
      isPrimary: away,
      cluster: away,
      wake: away,
      reload: () => Promise.resolve(),
      restart: away,
      reinitialize: away,
      switchover: away,
      failover: away,
    },
    postgres: { session: away, onSessionLost: () => () => undefined },
    replication: {
      installed: away,
      install: away,
      uninstall: away,
      forget: away,
      makeSlots: away,
      dropSlot: away,
      leaveCopy: away,
      beginAsCopy: away,
      status: away,
    },
    certificates: createCertificates(() => Promise.resolve(ca)),
    secrets: createFakeSecrets(),
    ports: createPorts(createMemoryKv(), { min: 20_000, max: 20_010 }, () => Promise.resolve(true)),
    schedules: createFakeSchedules(),
  };
}

export function createFakeDcs(): DcsPort {
  const users = new Set<string>();
  const configs = new Map<string, Record<string, unknown>>();
  const leader = (scope: string) => Promise.resolve(configs.has(scope) ? 'leader' : undefined);
  return {
    user: (name) => Promise.resolve(users.has(name) ? { roles: [name] } : undefined),
    ensureUser: (name) => Promise.resolve(void users.add(name)),
    removeUser: (name) => Promise.resolve(void users.delete(name)),
    config: (scope) => Promise.resolve(configs.get(scope)),
    putConfig: (scope, config) => Promise.resolve(void configs.set(scope, config)),
    initialized: () => Promise.resolve(undefined),
    synchronousStandbys: () => Promise.resolve([]),
    leaderLock: () => Promise.resolve(undefined),
    releaseLeaderLock: () => Promise.resolve(false),
    failsafeMembers: () => Promise.resolve([]),
    members: () => Promise.resolve([]),
    leader,
    onLeader: () => Promise.resolve({ close: () => Promise.resolve() }),
    waitForLeader: async (scope) => (await leader(scope)) ?? Promise.reject(new DomainError('instance_not_ready')),
    forgetData: () => Promise.resolve(),
    removeScope: (scope) => Promise.resolve(void configs.delete(scope)),
  };
}

export function createFakeSecrets(): SecretsPort {
  const values = new Map<string, string>();
  return {
    get: (name) => Promise.resolve(values.get(name)),
    getOrCreate: (name, make) => {
      if (!values.has(name)) values.set(name, make());
      return Promise.resolve(values.get(name) ?? '');
    },
    put: (name, value) => Promise.resolve(void values.set(name, value)),
    remove: (name) => Promise.resolve(void values.delete(name)),
    seal: (name, text) => Promise.resolve({ name, text }),
    removePrefix: (prefix) => {
      for (const name of values.keys()) if (name.startsWith(prefix)) values.delete(name);
      return Promise.resolve();
    },
  };
}

/** Schedules in memory; nothing is ever started. */
export function createFakeSchedules(): SchedulesPort {
  const schedules = new Map<string, ScheduleRequest>();
  return {
    get: (name) => Promise.resolve(schedules.get(name)),
    put: (name, request) => Promise.resolve(void schedules.set(name, request)),
    remove: (name) => Promise.resolve(void schedules.delete(name)),
  };
}
