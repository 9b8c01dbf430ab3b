import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { candidates, thatReceive } from '../inside/hand-over.ts';
import { serviceOf } from '../inside/index.ts';

/** Instance ids of the replicas that stream from a primary on this host, the least behind first. */
export async function healthyStandbys(
  clients: Pick<Clients, 'docker' | 'patroni' | 'postgres'>,
  primary: string,
  signal: AbortSignal,
): Promise<string[]> {
  const container = await clients.docker.serviceContainer(serviceOf(primary));
  if (container?.state !== 'running')
    throw new DomainError('postgres_unavailable', `the container of the primary '${primary}' does not run`);
  const { address } = container;
  const running = candidates(await clients.patroni.cluster(address), (name) => name !== primary);
  return (await thatReceive(clients, running, address, signal))
    .sort((a, b) => a.lagBytes - b.lagBytes)
    .map((m) => m.name);
}
