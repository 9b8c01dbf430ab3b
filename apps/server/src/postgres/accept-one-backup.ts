import { DomainError } from '@windlass/resources/errors';
import type { ServerDeps } from '../core/deps.ts';
import type { AlsoTask } from '../entities/accept.ts';
import { isModifiable } from '../entities/busy.ts';
import { acceptOne } from './accept-backup.ts';
import { getBackup } from './backups.ts';
import { readDatabase } from './read-database.ts';
import type { TaskRecord } from '@windlass/resources/tasks';

/** Removes or verifies a backup that is there. */
export async function acceptOneBackup(
  deps: ServerDeps,
  type: 'delete_backup' | 'verify_backup',
  one: { readonly id: string; readonly nodeName: string; readonly label: string },
  also: AlsoTask,
): Promise<TaskRecord> {
  const { id, nodeName, label } = one;
  const { repository } = await getBackup(deps, id, nodeName, label);
  const before = await readDatabase(deps, id);
  if (!isModifiable(before.record)) throw new DomainError('database_not_modifiable');
  return acceptOne(deps, before, { type, input: { nodeName, label, repository } }, also);
}
