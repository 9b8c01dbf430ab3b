import type { Clients } from '../clients/ports.ts';
import { isOfSettings, startFailure, timesSaid } from './start-report.ts';

/**
 * Why the Postgres in a container will not start however often it is tried: the reason has to do with its settings, and it gave
 * it at least twice since then. Undefined where it may still start.
 */
export async function startRefusal(
  { docker }: Pick<Clients, 'docker'>,
  containerId: string,
  since: Date,
): Promise<string | undefined> {
  const log = await docker.log(containerId, since).catch(() => '');
  const reason = startFailure(log);
  return reason !== undefined && isOfSettings(reason) && timesSaid(log) > 1 ? reason : undefined;
}
