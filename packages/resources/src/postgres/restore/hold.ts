import { HOLDS } from '../../platform/clients/docker-port.ts';
import type { Clients } from '../clients/ports.ts';
import { heldFile, holdFile } from '../kinds/directories.ts';
import { untilStopped } from '../kinds/instance.ts';
import { serviceOf } from '../inside/with-primary.ts';

/**
 * Has an instance stop its Postgres and wait in its container, which stays: Swarm takes seconds to stop one and to start
 * another. False when it has none that can; nothing was changed then. Safe to repeat.
 */
export async function hold(clients: Clients, instanceId: string, signal: AbortSignal): Promise<boolean> {
  const { docker, files } = clients;
  const container = await docker.serviceContainer(serviceOf(instanceId));
  const before = (await files.read(holdFile(instanceId))) !== undefined;
  if (!before && (container?.state !== 'running' || container.labels[HOLDS] !== '1')) return false;
  if (!before) {
    await files.removeTree(heldFile(instanceId));
    await files.write(holdFile(instanceId), '');
  }
  // A container that ends instead is followed by one that waits.
  await untilStopped(clients, instanceId, signal, async () => (await files.read(heldFile(instanceId))) !== undefined);
  return true;
}

/** Lets an instance that was held go on, with whatever data it has now. */
export const release = ({ files }: Pick<Clients, 'files'>, instanceId: string): Promise<void> =>
  files.removeTree(holdFile(instanceId));
