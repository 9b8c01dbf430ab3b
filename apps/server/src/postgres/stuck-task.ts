import { databaseEntity } from '@windlass/resources/entity';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { readInstances } from './view.ts';
import type { DatabaseRecord } from '@windlass/resources/postgres/records';

/** Tasks that wait for Postgres with nothing to lose: a correcting spec does their work, too. */
const MAY_BE_REPLACED: ReadonlySet<TaskRecord['type']> = new Set(['restart_instance', 'update']);

/**
 * The task that holds a database while it waits for a Postgres that does not start: only another spec can help it, so that
 * such a spec takes over from it. Undefined for every other task.
 */
export async function stuckTask({ kv }: ServerDeps, { id, openTaskId }: DatabaseRecord): Promise<string | undefined> {
  if (openTaskId === undefined) return undefined;
  const [task, statuses] = await Promise.all([
    taskRecords.get(kv, databaseEntity(id).kind, id, openTaskId),
    readInstances(kv, id),
  ]);
  const type = task?.value.type;
  const cannotStart = statuses.some(({ conditions }) =>
    conditions?.some((one) => one.type === 'postgres_cannot_start'),
  );
  return type !== undefined && MAY_BE_REPLACED.has(type) && cannotStart ? openTaskId : undefined;
}
