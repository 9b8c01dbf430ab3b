import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { serviceOf } from '../inside/with-primary.ts';

/** Address of an instance whose container runs on this host. */
export async function memberAddress({ docker }: Pick<Clients, 'docker'>, instanceId: string): Promise<string> {
  const container = await docker.serviceContainer(serviceOf(instanceId));
  if (container?.state === 'running') return container.address;
  throw new DomainError('operation_refused', `the container of '${instanceId}' does not run`);
}
