import type { Clients } from '../clients/ports.ts';
import { pgbackrest, serviceOf } from '../kinds/index.ts';
import { parseCatalogue, type Catalogue } from './catalogue.ts';

/** What is in the repositories of a node, asked through one of its instances. */
export async function readCatalogue(
  clients: Pick<Clients, 'docker'>,
  instanceId: string,
  signal: AbortSignal,
): Promise<Catalogue> {
  return parseCatalogue(await pgbackrest(clients, serviceOf(instanceId), { args: ['--output=json', 'info'], signal }));
}
