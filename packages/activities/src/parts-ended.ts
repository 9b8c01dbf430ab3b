import { keys, type KvWrite, type TaskRecord } from '@windlass/resources/store';
import type { ActivityDeps } from './deps.ts';

const TERMINAL: ReadonlySet<TaskRecord['status']> = new Set(['completed', 'failed', 'canceled']);

/** The tasks of the nodes of a restore end with it. */
export async function partsEnded(
  kv: ActivityDeps['kv'],
  { type, taskId }: TaskRecord,
  end: TaskRecord,
): Promise<KvWrite[]> {
  if (type !== 'restore' && type !== 'undo_restore') return [];
  const { status, completedAt, error } = end;
  const why = error === undefined ? {} : { error: `parent task failed: ${error}` };
  return (await kv.list(keys.tasks('database', end.entityId))).flatMap(({ key, value }) => {
    const part = value as TaskRecord;
    if (part.parentId !== taskId || TERMINAL.has(part.status)) return [];
    return [{ put: key, value: { ...part, status, completedAt, ...why } }];
  });
}
