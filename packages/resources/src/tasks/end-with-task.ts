import { partOf } from '../engine/entity-ref.ts';
import { planParts } from '../engine/records.ts';
import { keys, restoreSecretName } from '../store/keys.ts';
import type { Kv, KvWrite } from '../store/kv.ts';
import { taskRecords, isTerminal, type TaskRecord } from './records.ts';

/**
 * What ends together with a task, whoever ends it: what the steps of its plan apply; the tasks of the nodes of a restore,
 * and the credentials sealed for it.
 */
export async function endWithTask(kv: Kv, ended: TaskRecord): Promise<KvWrite[]> {
  const { taskId, type, entityId, scope, status, completedAt, error } = ended;
  const applied = [planParts.removeUnder(partOf({ kind: scope, id: entityId }), taskId)];
  if (type !== 'restore' && type !== 'undo_restore') return applied;
  const why = error === undefined ? {} : { error: `parent task failed: ${error}` };
  // A task that cannot be read keeps none from ending; the sweeper, which reads them all, tells of it.
  const tasks = await taskRecords.list(kv, ['database', entityId], { unreadable: () => undefined });
  const parts = tasks
    .filter(({ value }) => value.parentId === taskId && !isTerminal(value))
    .map(({ id, value }) => taskRecords.put({ ...value, status, completedAt, ...why }, ...id));
  return [...applied, ...parts, { remove: keys.secret(restoreSecretName(entityId, taskId)) }];
}
