import { keys, restoreSecretName } from '../store/keys.ts';
import type { Kv, KvWrite } from '../store/kv.ts';
import { isTerminal, type TaskRecord } from '../store/tasks.ts';
import { taskRecords } from './records.ts';

/**
 * What ends together with a task, whoever ends it: what the steps of its plan apply; the tasks of the nodes of a restore,
 * and the credentials sealed for it.
 */
export async function endWithTask(kv: Kv, ended: TaskRecord): Promise<KvWrite[]> {
  const { taskId, type, entityId, scope, status, completedAt, error } = ended;
  const applied: KvWrite[] = scope === 'database' ? [{ removePrefix: keys.planParts(entityId, taskId) }] : [];
  if (type !== 'restore' && type !== 'undo_restore') return applied;
  const why = error === undefined ? {} : { error: `parent task failed: ${error}` };
  const parts = (await taskRecords.list(kv, [scope, entityId])).flatMap(({ id, value: part }) => {
    if (part.parentId !== taskId || isTerminal(part)) return [];
    return [taskRecords.put({ ...part, status, completedAt, ...why }, ...id)];
  });
  return [...applied, ...parts, { remove: keys.secret(restoreSecretName(entityId, taskId)) }];
}
