import type { DatabaseRecord, TaskRecord } from '@windlass/resources/store';
import { logWrite } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { startNow } from '../entities/start-now.ts';
import { newTask } from '../tasks/open-task.ts';
import { databaseStore } from './database-store.ts';

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
  const { task, writes, entry } = newTask({ databaseId: id, type: 'update', tenantId }, now);
  const opened: DatabaseRecord = { ...record, state: 'modifying', openTaskId: task.taskId };
  const done = await deps.kv.commit(
    [{ key: databaseStore.records.key(id), revision }],
    [databaseStore.records.put(opened, id), logWrite(task, `repairing: ${reason}`, {}, now), ...writes],
  );
  if (done === false) return undefined;
  await startNow(deps, entry);
  return task;
}
