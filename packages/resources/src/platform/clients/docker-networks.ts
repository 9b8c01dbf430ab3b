import { setTimeout as sleep } from 'node:timers/promises';
import type Docker from 'dockerode';
import { DomainError } from '../../errors/index.ts';
import { orUndefined, reachDocker } from './docker-calls.ts';
import type { DockerEvents } from './docker-events.ts';
import type { DockerPort, NetworkFacts } from './ports.ts';

type Networks = Pick<DockerPort, 'network' | 'networkRefusal' | 'createNetwork' | 'awaitSubnet' | 'removeNetwork'>;

/** How long a name may stay taken by what an engine keeps of a removed network. */
const NAME_FREE_WITHIN_MS = 20_000;
/** Swarm gives a subnet in milliseconds; a busy one takes longer. Where none is free it never does. */
const SUBNET_SOON_MS = 7_000;
const SUBNET_WITHIN_MS = 60_000;
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
      const begun = performance.now();
      const late = (ms: number): boolean => performance.now() - begun > ms;
      for (;;) {
        const found = await orUndefined(docker.getNetwork(id).inspect() as Promise<Docker.NetworkInspectInfo>);
        if (found && subnetsOf(found).length > 0) return;
        if (late(SUBNET_SOON_MS) && (await isPoolUsedUp(docker))) throw noSubnet(found?.Name ?? id);
        if (late(SUBNET_WITHIN_MS)) throw noAnswer(found?.Name ?? id);
        await sleep(late(SUBNET_SOON_MS) ? 1000 : SUBNET_LOOK_MS, undefined, { signal });
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
    `Docker Swarm has no subnet for network '${name}': its address pool is used up. Remove networks nobody uses, or make the swarm anew with a larger --default-addr-pool`,
  );
const noAnswer = (name: string): DomainError =>
  new DomainError(
    'docker_unavailable',
    `Docker Swarm gave network '${name}' no subnet within 60 s, although it has free ones`,
  );

const subnetsOf = ({ IPAM }: Pick<Docker.NetworkInspectInfo, 'IPAM'>): string[] =>
  (IPAM?.Config ?? []).flatMap(({ Subnet }) => (Subnet === undefined ? [] : [Subnet]));

interface SwarmPools {
  readonly Swarm?: { readonly Cluster?: { readonly DefaultAddrPool?: string[] | null; readonly SubnetSize?: number } };
}

/** Whether no subnet of the swarm's pools is free. Docker's own default is 10.0.0.0/8, in subnets of 256 addresses. */
async function isPoolUsedUp(docker: Docker): Promise<boolean> {
  const { Swarm } = (await reachDocker(docker.info())) as SwarmPools;
  const { DefaultAddrPool, SubnetSize } = Swarm?.Cluster ?? {};
  const networks = await reachDocker(docker.listNetworks({ filters: { driver: ['overlay'] } }));
  const used = networks.flatMap(subnetsOf).map(rangeOf);
  const size = 2 ** (32 - (SubnetSize ?? 24));
  return (DefaultAddrPool ?? ['10.0.0.0/8']).map(rangeOf).every((pool) => {
    for (let from = pool.from; from + size <= pool.to; from += size)
      if (!used.some((one) => one.from < from + size && from < one.to)) return false;
    return true;
  });
}

/** `10.0.1.0/24` as the numbers of its first address and of the one behind its last. */
function rangeOf(subnet: string): { readonly from: number; readonly to: number } {
  const [address = '', bits = '32'] = subnet.split('/');
  const from = address.split('.').reduce((number, part) => number * 256 + Number(part), 0);
  return { from, to: from + 2 ** (32 - Number(bits)) };
}

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
