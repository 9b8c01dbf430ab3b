import { setTimeout as sleep } from 'node:timers/promises';
import { HOLDS } from '../clients/docker-port.ts';
import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../errors/index.ts';
import { heldFile, holdFile } from '../kinds/directories.ts';
import { serviceOf } from '../kinds/with-primary.ts';

/** An orderly stop of Postgres takes as long as its checkpoint. */
const HELD_WITHIN_MS = 90_000;
const LOOK_EVERY_MS = 25;

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
  const limit = performance.now() + HELD_WITHIN_MS;
  let told: string | undefined;
  while ((await files.read(heldFile(instanceId))) === undefined) {
    const now = await docker.serviceContainer(serviceOf(instanceId)); // one that ended is followed by another, which waits
    if (now?.state === 'running' && told !== now.id) await docker.kill(now.id, 'SIGTERM');
    told = now?.id;
    if (performance.now() > limit)
      throw new DomainError('instance_not_ready', `the Postgres of '${instanceId}' did not stop within 90 s`);
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
  return true;
}

/** Lets an instance that was held go on, with whatever data it has now. */
export const release = ({ files }: Pick<Clients, 'files'>, instanceId: string): Promise<void> =>
  files.removeTree(holdFile(instanceId));
