import type { DockerPort, NetworkFacts } from '../postgres/clients/ports.ts';
import { DomainError } from '../errors/index.ts';

type FakeNetworks = Pick<DockerPort, 'network' | 'networkRefusal' | 'createNetwork' | 'awaitSubnet' | 'removeNetwork'>;

/** The networks of a swarm of one node, in memory. */
export function createFakeNetworks(
  networks: Map<string, NetworkFacts>,
  newId: (what: string) => string,
  inUse: (id: string) => boolean,
): FakeNetworks {
  return {
    network: (name) => Promise.resolve(networks.get(name)),
    networkRefusal: (target) => {
      const found = [...networks].find(([name, n]) => name === target || n.id === target)?.[1];
      const owner = found?.labels['windlass.database'];
      if (found && owner === undefined) return Promise.resolve(undefined);
      const why = owner === undefined ? 'does not exist in the swarm' : `cannot be joined: it is '${owner}'s own`;
      return Promise.resolve(`network '${target}' ${why}`);
    },
    createNetwork: async (name, labels) => {
      await Promise.resolve();
      if (networks.has(name)) throw new DomainError('service_rejected', `network '${name}' already exists`);
      const network = { id: newId('network'), labels };
      networks.set(name, network);
      return network;
    },
    awaitSubnet: () => Promise.resolve(),
    removeNetwork: (id, signal) => {
      if (inUse(id)) return untilAborted(signal);
      for (const [name, found] of networks) if (found.id === id) networks.delete(name);
      return Promise.resolve();
    },
  };
}

/** Ends only when it is told to. */
export function untilAborted(signal: AbortSignal): Promise<never> {
  return new Promise((_resolve, reject) => {
    const abort = (): void => reject(signal.reason instanceof Error ? signal.reason : new Error('aborted'));
    if (signal.aborted) abort();
    else signal.addEventListener('abort', abort, { once: true });
  });
}
