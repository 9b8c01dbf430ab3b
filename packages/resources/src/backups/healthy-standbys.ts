import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../errors/index.ts';
import { candidates } from '../kinds/hand-over.ts';
import { serviceOf } from '../kinds/index.ts';

/** Instance ids of the replicas that stream from a primary on this host, the least behind first. */
export async function healthyStandbys(
  { docker, patroni }: Pick<Clients, 'docker' | 'patroni'>,
  primary: string,
): Promise<string[]> {
  const container = await docker.serviceContainer(serviceOf(primary));
  if (container?.state !== 'running')
    throw new DomainError('postgres_unavailable', `the container of the primary '${primary}' does not run`);
  const found = candidates(await patroni.cluster(container.address), (name) => name !== primary);
  return found.sort((a, b) => a.lagBytes - b.lagBytes).map((m) => m.name);
}
