import type { Clients } from '../clients/ports.ts';
import { pgbackrest, serviceOf } from '../inside/index.ts';

/** Removes every backup of a node, and its archived WAL, from each of its repositories. Archiving ends with it. */
export async function purgeBackups(
  clients: Pick<Clients, 'docker'>,
  wish: { readonly instanceId: string; readonly repositories: readonly number[] },
  signal: AbortSignal,
): Promise<void> {
  const run = (...args: string[]): Promise<string> => pgbackrest(clients, serviceOf(wish.instanceId), { args, signal });
  for (const repository of wish.repositories) {
    // Only what is stopped can be deleted, and with each repository pgBackRest forgets that it was.
    await run('stop');
    await run(`--repo=${String(repository)}`, '--force', 'stanza-delete');
  }
}
