import Docker from 'dockerode';
import { setTimeout as sleep } from 'node:timers/promises';
import { DomainError } from '../errors/index.ts';
import { openDockerEvents, type DockerEvents } from './docker-events.ts';
import { toServiceSpec } from './docker-service-spec.ts';
import type { ContainerFacts, DockerPort, NetworkFacts } from './ports.ts';

const OUR_API = [1, 44] as const;

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
  const network = async (name: string): Promise<NetworkFacts | undefined> => {
    const found = await orUndefined(
      docker.getNetwork(name).inspect() as Promise<{ Id: string; Labels?: Record<string, string> }>,
    );
    return found && { id: found.Id, labels: found.Labels ?? {} };
  };
  const inspectService = (name: string) => orUndefined(docker.getService(name).inspect() as Promise<InspectedService>);
  const containers = async (name: string): Promise<Docker.ContainerInfo[]> =>
    reachDocker(docker.listContainers({ all: true, filters: { label: [`com.docker.swarm.service.name=${name}`] } }));
  const serviceContainer = async (name: string): Promise<ContainerFacts | undefined> => {
    const [newest] = (await containers(name)).sort((a, b) => b.Created - a.Created || (a.State === 'running' ? -1 : 1));
    if (!newest) return undefined;
    return orUndefined(docker.getContainer(newest.Id).inspect().then(toContainerFacts));
  };

  return {
    network,
    createNetwork: async (name, labels) => {
      const created = await reachDocker(
        docker.createNetwork({ Name: name, Driver: 'overlay', Attachable: true, CheckDuplicate: true, Labels: labels }),
      );
      return { id: created.id, labels };
    },
    removeNetwork: async (id, signal) => {
      for (;;) {
        try {
          await orUndefined(docker.getNetwork(id).remove());
          if (!(await network(id))) return;
        } catch (err) {
          if (!/active endpoints|in use/.test(String(err))) throw err;
        }
        await events.next((e) => e.Type === 'network' || e.Type === 'container', 250, signal);
      }
    },
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
        await Promise.all(left.filter((c) => c.State === 'running').map((c) => killQuietly(docker.getContainer(c.Id))));
        await events.next((e) => e.Type === 'container' && e.Action === 'destroy', 500, signal);
      }
    },
    serviceContainer,
    waitForRunning: async (name, signal) => {
      for (;;) {
        const found = await serviceContainer(name);
        if (found?.state === 'running' && found.address !== '') return found;
        await rejectWhenFailed(docker, name);
        await events.next((e) => e.Type === 'container', 1000, signal);
      }
    },
    image: async (reference) => {
      const found = await orUndefined(docker.getImage(reference).inspect());
      if (!found) return undefined;
      const postgresVersion = (found.Config.Labels as Record<string, string> | null)?.['windlass.postgres.version'];
      return { id: found.Id, ...(postgresVersion !== undefined && { postgresVersion }) };
    },
    postgresImages: async () => {
      const found = await reachDocker(docker.listImages({ filters: { label: ['windlass.postgres.version'] } }));
      return found.map((image) => ({
        id: image.Id,
        postgresVersion: image.Labels['windlass.postgres.version'] ?? '',
        reference: image.RepoTags?.[0] ?? image.Id,
      }));
    },
    exec: (containerId, command) => runInContainer(docker, containerId, command),
    onContainerDied: (listener) =>
      events.subscribe(({ Type, Action, Actor }) => {
        if (Type !== 'container' || Action !== 'die' || Actor?.ID === undefined) return;
        listener({ containerId: Actor.ID, attributes: Actor.Attributes ?? {} });
      }),
    removeContainer: async (containerId) => removeContainer(docker, containerId),
    kill: async (containerId, signalName) =>
      void (await orUndefined(docker.getContainer(containerId).kill({ signal: signalName }) as Promise<unknown>)),
  };
}

async function removeContainer(docker: Docker, containerId: string): Promise<void> {
  try {
    await orUndefined(docker.getContainer(containerId).remove({ force: true }) as Promise<unknown>);
  } catch (err) {
    if ((err as DomainError).details['statusCode'] !== 409) throw err; // 409: its removal is already going on
  }
}

/** A container that has just ended cannot be killed any more; that is what was wanted. */
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

function toContainerFacts(found: Docker.ContainerInspectInfo): ContainerFacts {
  return {
    id: found.Id,
    state: found.State.Status as ContainerFacts['state'],
    startedAt: found.State.StartedAt,
    address: found.NetworkSettings.Networks['bridge']?.IPAddress ?? '',
    labels: found.Config.Labels,
  };
}

/** A swarm task that was rejected (bad mount, bad image) will not come up by waiting. */
async function rejectWhenFailed(docker: Docker, name: string): Promise<void> {
  type SwarmTask = { Status: { State: string; Err?: string; Timestamp: string }; DesiredState: string };
  const tasks = (await reachDocker(
    docker.listTasks({ filters: { service: [name] } }) as Promise<unknown>,
  )) as SwarmTask[];
  const [newest] = tasks.sort((a, b) => (a.Status.Timestamp < b.Status.Timestamp ? 1 : -1));
  const rejected = tasks.filter((t) => t.Status.State === 'rejected');
  if (newest?.Status.State === 'rejected' || rejected.length >= 2) {
    throw new DomainError(
      'service_rejected',
      `Docker rejected service '${name}': ${rejected[0]?.Status.Err ?? newest?.Status.Err ?? 'no reason given'}`,
    );
  }
}

async function runInContainer(docker: Docker, containerId: string, command: readonly string[]): Promise<string> {
  const exec = await reachDocker(
    docker.getContainer(containerId).exec({ Cmd: [...command], AttachStdout: true, AttachStderr: true, Tty: true }),
  );
  const stream = await exec.start({ hijack: true, stdin: false });
  const chunks: Buffer[] = [];
  for await (const chunk of stream) chunks.push(chunk as Buffer);
  const output = Buffer.concat(chunks).toString();
  const { ExitCode } = await exec.inspect();
  if (ExitCode !== 0)
    throw new DomainError('service_rejected', `'${command[0] ?? ''}' ended with status ${String(ExitCode)}`);
  await sleep(0);
  return output;
}

/** `undefined` for "it is not there"; every other error as a `DomainError`. */
async function orUndefined<T>(call: Promise<T>): Promise<T | undefined> {
  try {
    return await reachDocker(call);
  } catch (err) {
    if ((err as DomainError).details['statusCode'] === 404) return undefined;
    throw err;
  }
}

async function reachDocker<T>(call: Promise<T>): Promise<T> {
  try {
    return await call;
  } catch (err) {
    if (err instanceof DomainError) throw err;
    const { statusCode, json, message } = err as { statusCode?: number; json?: { message?: string }; message?: string };
    const text = (json?.message ?? message ?? 'unknown').split('\n')[0] ?? '';
    if (statusCode === undefined)
      throw new DomainError('docker_unavailable', `the Docker engine does not answer: ${text}`, { cause: err });
    const retryable = statusCode >= 500;
    throw new DomainError(retryable ? 'docker_unavailable' : 'service_rejected', `Docker: ${text}`, {
      details: { statusCode },
      cause: err,
    });
  }
}
