import Docker from 'dockerode';
import { DomainError } from '../../errors/index.ts';
import { orUndefined, reachDocker } from './docker-calls.ts';
import { execInContainer } from './docker-exec.ts';
import { logLinesOf, logOf } from './docker-log.ts';
import { createRunner, removeContainer } from './docker-run.ts';
import { openDockerEvents, type DockerEvents } from './docker-events.ts';
import { createDockerBridge } from './docker-bridge.ts';
import { createDockerNetworks } from './docker-networks.ts';
import { createDockerSwarm } from './docker-swarm.ts';
import { toServiceSpec } from './docker-service-spec.ts';
import { HARDENS, HOLDS, REPLICATOR_HASH } from './docker-port.ts';
import type { ContainerFacts, ContainerSummary, DockerPort, ProgramImage } from './ports.ts';
import { Placement, swarmTasks } from './swarm-placement.ts';

const OUR_API = [1, 44] as const;
const SERVICE_NAME = 'com.docker.swarm.service.name';
const SERVICE_ID = 'com.docker.swarm.service.id';

/** Docker by intent. Negotiates the API version once, as engines from 20.10 to 29 need different ones. */
export async function openDocker(
  options: Docker.DockerOptions = {},
): Promise<DockerPort & { readonly swarmNodeId: string; close(): void }> {
  const plain = new Docker(options);
  const facts = (await reachDocker(plain.version())) as { ApiVersion: string };
  const version = lower(facts.ApiVersion.split('.').map(Number), OUR_API);
  const docker = new Docker({ ...options, version: `v${version.join('.')}` });
  const info = (await reachDocker(docker.info())) as { Swarm?: { NodeID?: string } };
  const swarmNodeId = info.Swarm?.NodeID ?? '';
  if (swarmNodeId === '') throw new DomainError('docker_unavailable', 'the Docker engine is in no swarm');
  const events = openDockerEvents(docker);
  return { ...createDockerPort(docker, events), swarmNodeId, close: () => events.close() };
}

const lower = (a: readonly number[], b: readonly number[]): readonly number[] =>
  (a[0] ?? 1) * 1000 + (a[1] ?? 0) < (b[0] ?? 1) * 1000 + (b[1] ?? 0) ? a : b;

function createDockerPort(docker: Docker, events: DockerEvents): DockerPort {
  const inspectService = (name: string) => orUndefined(docker.getService(name).inspect() as Promise<InspectedService>);
  const labelled = (label: string): Promise<Docker.ContainerInfo[]> =>
    reachDocker(docker.listContainers({ all: true, filters: { label: [label] } }));
  const containers = (name: string): Promise<Docker.ContainerInfo[]> => labelled(`${SERVICE_NAME}=${name}`);
  const serviceContainer = async (name: string): Promise<ContainerFacts | undefined> => {
    const [newest] = (await containers(name)).sort(newestFirst);
    if (!newest) return undefined;
    return orUndefined(docker.getContainer(newest.Id).inspect().then(toContainerFacts));
  };

  return {
    ...createDockerNetworks(docker, events),
    ...createDockerBridge(docker, events),
    ...createDockerSwarm(docker, events),
    service: async (name) => {
      const found = await inspectService(name);
      if (!found) return undefined;
      const replicas = found.Spec.Mode?.Replicated?.Replicas ?? 0;
      return { id: found.ID, version: found.Version.Index, labels: found.Spec.Labels ?? {}, replicas };
    },
    createService: async (request) => {
      const created = (await reachDocker(docker.createService(toServiceSpec(request)))) as { id?: string; ID?: string };
      return created.id ?? created.ID ?? '';
    },
    updateService: async (name, request) => {
      for (let attempt = 0; ; attempt += 1) {
        const found = await inspectService(name);
        if (!found) throw new DomainError('service_rejected', `service '${name}' does not exist`);
        try {
          await reachDocker(
            docker.getService(name).update({ ...toServiceSpec(request), version: found.Version.Index }),
          );
          return;
        } catch (err) {
          if (attempt >= 5 || !/out of sequence/.test(String(err))) throw err;
        }
      }
    },
    removeService: async (name, signal) => {
      await orUndefined(docker.getService(name).remove() as Promise<unknown>);
      for (;;) {
        const left = await containers(name);
        if (left.length === 0) return;
        await Promise.all(left.filter((c) => RUNS.has(c.State)).map((c) => killQuietly(docker.getContainer(c.Id))));
        await events.next((e) => e.Type === 'container' && e.Action === 'destroy', 500, signal);
      }
    },
    serviceContainer,
    serviceContainers: async () => {
      const oldestFirst = (await labelled(SERVICE_NAME)).sort((a, b) => newestFirst(b, a));
      return new Map(oldestFirst.map((found) => [found.Labels[SERVICE_NAME] ?? '', toContainerSummary(found)]));
    },
    waitForRunning: async (name, signal) => {
      const placement = new Placement(name);
      for (;;) {
        const found = await serviceContainer(name);
        if (found?.state === 'running' && found.address !== '') return found;
        placement.check(await swarmTasks(docker, name));
        await events.next((e) => e.Type === 'container', 1000, signal);
      }
    },
    image: async (reference) => {
      const found = await orUndefined(docker.getImage(reference).inspect());
      if (!found) return undefined;
      const postgresVersion = (found.Config.Labels as Record<string, string> | null)?.['windlass.postgres.version'];
      return { id: found.Id, ...(postgresVersion !== undefined && { postgresVersion }) };
    },
    postgresImages: () => postgresImages(docker),
    replicatorImages: () => replicatorImages(docker),
    onContainerDied: (listener) =>
      events.subscribe(({ Type, Action, Actor }) => {
        if (Type !== 'container' || Action !== 'die' || Actor?.ID === undefined) return;
        listener({ containerId: Actor.ID, attributes: Actor.Attributes ?? {} });
      }),
    removeContainer: (containerId) => removeContainer(docker, containerId),
    log: (containerId, since) => logOf(docker, containerId, since),
    logLines: (containerId, query) => logLinesOf(docker, containerId, query),
    run: createRunner(docker),
    exec: (containerId, request) => execInContainer(docker, containerId, request),
    kill: async (containerId, signalName) =>
      void (await orUndefined(docker.getContainer(containerId).kill({ signal: signalName }) as Promise<unknown>)),
  };
}

/** Those with a name before those a rebuild has left without, the newest first. */
async function postgresImages(docker: Docker) {
  const found = await reachDocker(docker.listImages({ filters: { label: ['windlass.postgres.version'] } }));
  const images = found.map(({ Id, Created, Labels, RepoTags }) => {
    const references = (RepoTags ?? []).filter((tag) => tag !== '<none>:<none>');
    const holds = Labels[HOLDS] === '1' && ({ holds: true } as const);
    const hardens = Labels[HARDENS] === '1' && ({ hardens: true } as const);
    return {
      id: Id,
      created: Created,
      references,
      postgresVersion: Labels['windlass.postgres.version'] ?? '',
      ...holds,
      ...hardens,
    };
  });
  const named = ({ references }: { references: readonly string[] }): number => Math.min(references.length, 1);
  images.sort((a, b) => named(b) - named(a) || b.created - a.created);
  return images.map(({ created: _created, ...image }) => image);
}

async function replicatorImages(docker: Docker): Promise<ProgramImage[]> {
  const found = await reachDocker(docker.listImages({ filters: { label: [REPLICATOR_HASH] } }));
  const named = ({ RepoTags }: { RepoTags?: string[] | undefined }): number => (RepoTags?.length ? 1 : 0);
  found.sort((a, b) => named(b) - named(a) || b.Created - a.Created);
  return found.map(({ Id, Labels }) => ({
    id: Id,
    hash: Labels[REPLICATOR_HASH] ?? '',
    ...(Labels[HARDENS] === '1' && { hardens: true }),
  }));
}

/** A container that has just ended cannot be killed any more; that is what was wanted. */
/** States of a container whose processes are there. */
const RUNS: ReadonlySet<string> = new Set(['running', 'paused']);

async function killQuietly(container: Docker.Container): Promise<void> {
  await orUndefined(container.kill()).catch((err: unknown) => {
    if (!/is not running/.test(String(err))) throw err;
  });
}

interface InspectedService {
  readonly ID: string;
  readonly Version: { readonly Index: number };
  readonly Spec: {
    readonly Labels?: Record<string, string>;
    readonly Mode?: { readonly Replicated?: { readonly Replicas?: number } };
  };
}

const newestFirst = (a: Docker.ContainerInfo, b: Docker.ContainerInfo): number =>
  b.Created - a.Created || (a.State === 'running' ? -1 : 1);

function toContainerSummary(found: Docker.ContainerInfo): ContainerSummary {
  return {
    id: found.Id,
    state: found.State as ContainerFacts['state'],
    address: found.NetworkSettings.Networks['bridge']?.IPAddress ?? '',
    labels: found.Labels,
  };
}

function toContainerFacts(found: Docker.ContainerInspectInfo): ContainerFacts {
  return {
    id: found.Id,
    state: found.State.Status as ContainerFacts['state'],
    startedAt: found.State.StartedAt,
    address: found.NetworkSettings.Networks['bridge']?.IPAddress ?? '',
    labels: found.Config.Labels,
    serviceId: found.Config.Labels[SERVICE_ID],
  };
}
