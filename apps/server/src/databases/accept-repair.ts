import { keys, type DatabaseRecord, type TaskRecord } from '@windlass/resources/store';
import { logWrite } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { newTask, startTask } from '../tasks/open-task.ts';

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
    [{ key: keys.database(id), revision }],
    [{ put: keys.database(id), value: opened }, logWrite(task, `repairing: ${reason}`, {}, now), ...writes],
  );
  if (done === false) return undefined;
  await startTask(deps, entry).catch(() => undefined);
  return task;
}
