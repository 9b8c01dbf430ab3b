import { databaseEntity } from '@windlass/resources/entity';
import { accept, logWrite, openTask, ownedBy, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { startNow } from '../entities/start-now.ts';
import { databaseStore } from './database-store.ts';
import { goesOnWith } from './remaking.ts';
import { databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';

/**
 * Opens an update to what is declared already. Undefined when the record is no longer as it was read: somebody else does
 * something with the database, and that comes first.
 */
export async function acceptRepair(
  deps: ServerDeps,
  { record, revision, reason }: { readonly record: DatabaseRecord; readonly revision: number; readonly reason: string },
): Promise<TaskRecord | undefined> {
  const { id, tenantId } = record;
  const now = deps.now();
  const stored = await databaseSpecs.get(deps.kv, id);
  const input = stored ? goesOnWith(stored.value) : {};
  const { task, entry } = openTask({ entity: databaseEntity(id), type: 'update', input, tenantId }, now);
  const becomes = ownedBy(task, { ...record, state: 'modifying' });
  const why = { writes: [logWrite(task, `repairing: ${reason}`, {}, now)] };
  const holder = { records: databaseStore.records, revision, becomes };
  if ((await accept(deps.kv, { task, entry, holder, also: [why], doing: deps.doing })) === false) return undefined;
  await startNow(deps, entry);
  return task;
}
