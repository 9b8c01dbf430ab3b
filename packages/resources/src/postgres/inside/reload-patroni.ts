import type { Clients } from '../clients/ports.ts';

/**
 * Has the Patroni of an instance read its files again; gives the address of its container, undefined where none runs: that one reads
 * them when it starts. Patroni is asked, not signalled: the first process of the container is the script that starts it, and a SIGHUP
 * would end that one, and Postgres with it.
 */
export async function reloadPatroni(
  { docker, patroni }: Pick<Clients, 'docker' | 'patroni'>,
  service: string,
): Promise<string | undefined> {
  const container = await docker.serviceContainer(service);
  if (container?.state !== 'running') return undefined;
  await patroni.reload(container.address);
  return container.address;
}
