import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { DomainError } from '../errors/index.ts';
import { orUndefined, reachDocker } from './docker-calls.ts';
import type { DockerEvents } from './docker-events.ts';
import type { DockerPort, NetworkFacts } from './ports.ts';

type Networks = Pick<DockerPort, 'network' | 'networkRefusal' | 'createNetwork' | 'awaitSubnet' | 'removeNetwork'>;

/** How long a name may stay taken by what an engine keeps of a removed network. */
const NAME_FREE_WITHIN_MS = 20_000;
/** Swarm gives a subnet in milliseconds, or never. */
const SUBNET_WITHIN_MS = 8_000;
const SUBNET_LOOK_MS = 20;

/**
 * Networks as the swarm knows them. A node keeps its copy of a removed overlay network for some seconds; it is listed
 * and inspected like the real one, takes its name, and no service can join it.
 */
export function createDockerNetworks(docker: Docker, events: DockerEvents): Networks {
  const network = async (name: string): Promise<NetworkFacts | undefined> => {
    for (const found of await reachDocker(docker.listNetworks({ filters: { name: [name] } }))) {
      if (found.Name !== name) continue;
      if (found.Scope === 'swarm' && (await askSwarm(docker, found.Id)) === 'unknown') continue;
      return { id: found.Id, labels: found.Labels ?? {} };
    }
    return undefined;
  };
  const changed = (signal: AbortSignal): Promise<void> =>
    events.next((e) => e.Type === 'network' || e.Type === 'container', 250, signal);

  return {
    network,
    networkRefusal: (target) => refusal(docker, target),
    createNetwork: async (name, labels, signal) => {
      const until = performance.now() + NAME_FREE_WITHIN_MS;
      for (;;) {
        try {
          const request = { Name: name, Driver: 'overlay', Attachable: true, CheckDuplicate: true, Labels: labels };
          return { id: (await reachDocker(docker.createNetwork(request))).id, labels };
        } catch (err) {
          if (!isTaken(err) || performance.now() > until || (await network(name))) throw err;
        }
        await changed(signal);
      }
    },
    // Swarm accepts a network without looking for a subnet. Where there is none its services' tasks stay `new`, and nobody says why.
    awaitSubnet: async (id, signal) => {
      const until = performance.now() + SUBNET_WITHIN_MS;
      for (;;) {
        const found = await orUndefined(docker.getNetwork(id).inspect() as Promise<Docker.NetworkInspectInfo>);
        if (found?.IPAM?.Config?.some(({ Subnet }) => Subnet !== undefined)) return;
        if (performance.now() > until) throw noSubnet(found?.Name ?? id);
        await sleep(SUBNET_LOOK_MS, undefined, { signal });
      }
    },
    removeNetwork: async (id, signal) => {
      for (;;) {
        try {
          await orUndefined(docker.getNetwork(id).remove());
          if (!(await orUndefined(docker.getNetwork(id).inspect()))) return;
        } catch (err) {
          if (!/active endpoints|in use/.test(String(err))) throw err;
        }
        await changed(signal);
      }
    },
  };
}

const noSubnet = (name: string): DomainError =>
  new DomainError(
    'service_rejected',
    `Docker Swarm gave network '${name}' no subnet within 8 s: its address pool is used up. Remove networks nobody uses, or make the swarm anew with a larger --default-addr-pool`,
  );

const isTaken = (err: unknown): boolean =>
  err instanceof DomainError && err.details['statusCode'] === 409 && err.message.includes('already exists');

async function refusal(docker: Docker, target: string): Promise<string | undefined> {
  if (['bridge', 'host'].includes(target)) return `network '${target}' cannot be joined: it is the host's own`;
  const found = await orUndefined(docker.getNetwork(target).inspect() as Promise<Docker.NetworkInspectInfo>);
  if (found?.Ingress) return `network '${target}' cannot be joined: it is Swarm's routing mesh`;
  const owner = found?.Labels?.['windlass.database'];
  if (owner !== undefined) return `network '${target}' cannot be joined: it is the own network of database '${owner}'`;
  const answer = await askSwarm(docker, target).catch((err: unknown) => {
    if (/not a swarm manager/.test(String(err))) return 'usable'; // this node cannot know; a manager will say
    throw err;
  });
  if (answer === 'unknown') return `network '${target}' does not exist in the swarm`;
  return answer === 'unusable' ? `network '${target}' cannot be joined: it is not scoped to the swarm` : undefined;
}

/**
 * Whether a service could join a network. Swarm looks a service's networks up before its name: asked for a service with
 * an impossible name it says what it thinks of the network, and never makes anything.
 */
async function askSwarm(docker: Docker, target: string): Promise<'usable' | 'unusable' | 'unknown'> {
  const TaskTemplate = { ContainerSpec: { Image: '-' }, Networks: [{ Target: target }] };
  try {
    await reachDocker(docker.createService({ Name: '-', TaskTemplate } as Docker.CreateServiceOptions));
  } catch (err) {
    const { statusCode } = (err as DomainError).details;
    if (statusCode === 400) return 'usable';
    if (statusCode === 403) return 'unusable';
    if (statusCode === 404 || /network \S+ not found/.test(String(err))) return 'unknown';
    throw err;
  }
  throw new DomainError('server_error', 'Docker accepted a service with an impossible name');
}
