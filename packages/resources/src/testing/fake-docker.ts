import { existsSync } from 'node:fs';
import type {
  BridgedContainer,
  ContainerFacts,
  ContainerSummary,
  DockerPort,
  NetworkFacts,
  ServiceRequest,
} from '../postgres/clients/ports.ts';
import { DomainError } from '../errors/index.ts';
import { createFakeNetworks, untilAborted } from './fake-docker-networks.ts';

interface FakeService {
  readonly id: string;
  readonly version: number;
  readonly request: ServiceRequest;
  readonly container: ContainerFacts | undefined;
}

type DiedListener = Parameters<DockerPort['onContainerDied']>[0];

const IMAGE = { id: 'sha256:1', postgresVersion: '17.6', references: ['windlass/postgres:17'] };

/** A swarm of one node in memory, with one image. Containers run at once or, where Docker would reject them, never. */
export function createFakeDocker(): DockerPort {
  const networks = new Map<string, NetworkFacts>();
  const services = new Map<string, FakeService>();
  const listeners = new Set<DiedListener>();
  const bridged = new Set<() => void>();
  let made = 0;
  const newId = (what: string): string => `${what}-${String((made += 1))}`;
  const networkOf = (target: string) => [...networks].find(([name, n]) => name === target || n.id === target)?.[1];
  const run = (request: ServiceRequest, serviceId: string): ContainerFacts | undefined =>
    request.replicas === 0 || rejection(request) !== undefined
      ? undefined
      : toContainer(newId('container'), request, serviceId);
  const service = (name: string): FakeService => {
    const found = services.get(name);
    if (!found) throw new DomainError('service_rejected', `service '${name}' does not exist`);
    return found;
  };
  const change = (name: string, more: Partial<FakeService>): void => put(name, { ...service(name), ...more });
  const put = (name: string, made: FakeService): void => {
    const isNew = made.container !== services.get(name)?.container && made.container?.state === 'running';
    services.set(name, made);
    if (isNew) for (const tell of bridged) tell();
  };
  /** What becomes of a container when it is killed or removed; absence is success. */
  const end = (id: string, left: 'exited' | undefined): void => {
    const [name, { container }] = [...services].find(([, s]) => s.container?.id === id) ?? ['', {} as FakeService];
    if (!container) return;
    change(name, { container: left && { ...container, state: left, address: '' } });
    const attributes = { ...container.labels, 'com.docker.swarm.service.name': name };
    if (container.state === 'running') for (const died of listeners) died({ containerId: id, attributes });
  };

  return {
    ...createFakeNetworks(networks, newId, (id) => [...services.values()].some((s) => joins(s.request, id))),
    engine: () => {
      const running = [...services.values()].filter((s) => s.container?.state === 'running').length;
      const containers = { all: running, running, stopped: 0, paused: 0 };
      return Promise.resolve({ containers, swarm: { state: 'active', controlAvailable: true, error: '' } });
    },
    swarmEntrance: () => Promise.resolve({ joinToken: 'SWMTKN-1-fake', addresses: ['192.0.2.1:2377'] }),
    removeNode: (nodeId) =>
      nodeId === 'node-1'
        ? Promise.reject(new DomainError('service_rejected', 'the last manager cannot be removed'))
        : Promise.resolve(),
    bridge: () => Promise.resolve({ device: 'docker0', ipv6: false, containers: bridgedOf(services) }),
    onBridged: (listener) => {
      bridged.add(listener);
      return () => void bridged.delete(listener);
    },
    service: (name) => {
      const { request, ...found } = services.get(name) ?? {};
      return Promise.resolve(
        request && { id: '', version: 0, ...found, labels: request.labels, replicas: request.replicas },
      );
    },
    createService: async (request) => {
      await Promise.resolve();
      if (services.has(request.name)) throw new DomainError('service_rejected', `'${request.name}' exists`);
      refuseUnknown(request, networkOf);
      const id = newId('service');
      put(request.name, { id, version: 1, request, container: run(request, id) });
      return id;
    },
    updateService: async (name, request) => {
      await Promise.resolve();
      const { id, version, request: before, container } = service(name);
      refuseUnknown(request, networkOf);
      const same = taskOf(before) === taskOf(request);
      change(name, { version: version + 1, request, container: (same && container) || run(request, id) });
    },
    removeService: async (name) => {
      await Promise.resolve();
      end(services.get(name)?.container?.id ?? '', undefined);
      services.delete(name);
    },
    serviceContainer: (name) => Promise.resolve(services.get(name)?.container),
    serviceContainers: () => Promise.resolve(summariesOf(services)),
    waitForRunning: async (name, signal) => {
      signal.throwIfAborted();
      const { id, request, container } = service(name);
      const reason = rejection(request);
      if (reason !== undefined) throw new DomainError('service_rejected', `Docker rejected '${name}': ${reason}`);
      if (container?.state !== 'running') change(name, { container: run(request, id) });
      return service(name).container ?? untilAborted(signal);
    },
    image: (reference) => {
      const { id, postgresVersion } = IMAGE;
      return Promise.resolve([id, ...IMAGE.references].includes(reference) ? { id, postgresVersion } : undefined);
    },
    postgresImages: () => Promise.resolve([IMAGE]),
    replicatorImages: () => Promise.resolve([{ id: 'sha256:2', hash: '0' }]),
    run: () => Promise.reject(new DomainError('docker_unavailable', 'the fake engine runs no commands')),
    exec: () => Promise.reject(new DomainError('docker_unavailable', 'the fake engine runs no commands')),
    kill: async (id, signalName) => {
      await Promise.resolve();
      if (/^(SIG)?(KILL|TERM)$/.test(signalName)) end(id, 'exited');
    },
    removeContainer: (id) => Promise.resolve(end(id, undefined)),
    log: () => Promise.resolve(''),
    logLines: () => Promise.resolve([]),
    onContainerDied: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
  };
}

function refuseUnknown(request: ServiceRequest, networkOf: (target: string) => unknown): void {
  const unknown = request.networks.find((n) => n.target !== 'bridge' && !networkOf(n.target));
  if (unknown) throw new DomainError('docker_unavailable', `Docker: network ${unknown.target} not found`);
}

/** What Docker finds wrong only when it starts the container. */
function rejection(request: ServiceRequest): string | undefined {
  if (![IMAGE.id, ...IMAGE.references].includes(request.image)) return `No such image: ${request.image}`;
  const absent = request.mounts.find((m) => !existsSync(m.source));
  return absent && `bind source path does not exist: ${absent.source}`;
}

/** What a container is made from: a change of the rest leaves it running. */
const taskOf = ({ labels: _labels, ...request }: ServiceRequest): string => JSON.stringify(request);

const joins = (request: ServiceRequest, id: string): boolean => request.networks.some((n) => n.target === id);

const toContainer = (id: string, request: ServiceRequest, serviceId: string): ContainerFacts => {
  const labels = request.containerLabels;
  return { id, state: 'running', startedAt: new Date().toISOString(), address: '192.0.2.2', labels, serviceId };
};

/** Those that have an address on it. */
const bridgedOf = (services: ReadonlyMap<string, FakeService>): BridgedContainer[] =>
  [...services.values()].flatMap(({ request, container }) => {
    if (!container?.address || !joins(request, 'bridge')) return [];
    const { id, address, labels } = container;
    return [{ id, address, mac: '02:42:c0:00:02:02', labels, mounts: request.mounts.map(({ source }) => source) }];
  });

/** As a list of containers tells them. */
function summariesOf(services: ReadonlyMap<string, FakeService>): Map<string, ContainerSummary> {
  return new Map(
    [...services].flatMap(([name, { container }]) => {
      if (!container) return [];
      const { startedAt: _startedAt, ...summary } = container;
      return [[name, summary] as const];
    }),
  );
}
