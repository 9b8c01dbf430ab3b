import type { Clients, ReplicatorFacts } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { replicatorService } from '../spec/replicator.ts';

/** What the replicator beside an instance of this host says of itself. Rejects `replicator_unavailable`. */
export async function replicatorStatus(
  { docker, replication }: Pick<Clients, 'docker' | 'replication'>,
  instanceId: string,
): Promise<ReplicatorFacts> {
  const container = await docker.serviceContainer(replicatorService(instanceId));
  if (container?.state === 'running' && container.address !== '') return replication.status(container.address);
  throw new DomainError('replicator_unavailable', `the replicator of '${instanceId}' does not run`);
}
