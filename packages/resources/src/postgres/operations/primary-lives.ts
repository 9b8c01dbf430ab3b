import type { Clients } from '../clients/ports.ts';
import { serviceOf } from '../inside/with-primary.ts';

/** Whether an instance on this host runs and says of itself that it is the primary. */
export async function primaryLives({ docker, patroni }: Clients, instanceId: string): Promise<boolean> {
  const container = await docker.serviceContainer(serviceOf(instanceId));
  if (container?.state !== 'running') return false;
  return patroni.isPrimary(container.address).catch(() => false);
}
