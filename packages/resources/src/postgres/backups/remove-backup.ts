import type { Clients } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { pgbackrest, serviceOf } from '../inside/index.ts';
import type { Backup } from './catalogue.ts';
import { readCatalogue } from './read-catalogue.ts';

/** Removes a backup and those that need it; gives the labels that went. One that is gone already is success. */
export async function removeBackup(
  clients: Pick<Clients, 'docker'>,
  backup: { readonly instanceId: string; readonly label: string; readonly repository: number },
  signal: AbortSignal,
): Promise<string[]> {
  const { instanceId, label, repository } = backup;
  const present = async (): Promise<Map<string, Backup>> => {
    const { backups } = await readCatalogue(clients, instanceId, signal);
    return new Map(backups.filter((b) => b.repository === repository).map((b) => [b.label, b]));
  };
  const before = await present();
  const one = before.get(label);
  if (!one) return [];
  const full = [...before.values()].filter((b) => b.type === 'full' && !b.former);
  if (one.type === 'full' && !one.former && full.length === 1)
    throw new DomainError(
      'invalid_input',
      `backup '${label}' is the only full one in the repository: take another one before it is removed`,
    );
  const args = [`--set=${label}`, `--repo=${String(repository)}`, 'expire'];
  await pgbackrest(clients, serviceOf(instanceId), { args, signal });
  const after = await present();
  return [...before.keys()].filter((one) => !after.has(one));
}
