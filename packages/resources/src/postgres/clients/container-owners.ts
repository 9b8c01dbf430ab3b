import { LRUCache } from 'lru-cache';
import type { DockerPort } from '../../platform/clients/docker-port.ts';

/** Whose instance a container is. */
export interface InstanceOwner {
  readonly databaseId: string;
  readonly nodeName: string;
}

const ADDRESSES_KEPT = 10_000;

type Seen = { readonly address: string; readonly labels: Readonly<Record<string, string>> };

/**
 * Docker, and whose container was seen at an address last. Every address that anybody is asked at comes from Docker a moment
 * before, so that is whose it is now; were it somebody else's, they would refuse who asks.
 */
export function withOwners<D extends DockerPort>(
  docker: D,
): { readonly docker: D; ownerOf(address: string): InstanceOwner | undefined } {
  const owners = new LRUCache<string, InstanceOwner>({ max: ADDRESSES_KEPT });
  const note = <S extends Seen | undefined>(seen: S): S => {
    const databaseId = seen?.labels['pgedge.database.id'];
    const nodeName = seen?.labels['pgedge.node.name'];
    if (seen && seen.address !== '' && databaseId !== undefined && nodeName !== undefined)
      owners.set(seen.address, { databaseId, nodeName });
    return seen;
  };
  return {
    docker: {
      ...docker,
      serviceContainer: async (name) => note(await docker.serviceContainer(name)),
      waitForRunning: async (name, signal) => note(await docker.waitForRunning(name, signal)),
      serviceContainers: async () => {
        const found = await docker.serviceContainers();
        for (const container of found.values()) note(container);
        return found;
      },
    },
    ownerOf: (address) => owners.get(address),
  };
}
