import type { Clients } from '../clients/ports.ts';
import { pgbackrest, serviceOf } from '../inside/index.ts';
import { parseCatalogue, type Catalogue } from './catalogue.ts';

/** One that is away must not keep the others from telling what they have. */
const REPOSITORY_ANSWERS_WITHIN = '--io-timeout=2';

/** What is in the repositories of a node, asked through one of its instances. */
export async function readCatalogue(
  clients: Pick<Clients, 'docker'>,
  instanceId: string,
  signal: AbortSignal,
): Promise<Catalogue> {
  const args = [REPOSITORY_ANSWERS_WITHIN, '--output=json', 'info'];
  return parseCatalogue(await pgbackrest(clients, serviceOf(instanceId), { args, signal }));
}
