import { DomainError } from '@windlass/resources/errors';
import type { KvWrite, TaskRecord } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import { logWrite, ownsAtOnce } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { endTask } from './end-task.ts';

/**
 * Asks a task to stop. The wish is stored before Temporal is told, so that it is never lost: the sweeper tells what
 * could not be told now. A running task undoes nothing and ends at a whole step.
 */
export async function cancelTask(deps: ServerDeps, databaseId: string, taskId: string): Promise<TaskRecord> {
  const canceling = await markCanceling(deps, databaseId, taskId);
  await deliverCancel(deps, canceling).catch(() => undefined);
  return canceling;
}

async function markCanceling({ kv, now }: ServerDeps, databaseId: string, taskId: string): Promise<TaskRecord> {
  const key = keys.task('database', databaseId, taskId);
  for (;;) {
    const found = await kv.get(key);
    const task = found?.value as TaskRecord | undefined;
    if (!found || !task) throw new DomainError('invalid_input', 'task is not associated with database ');
    if (task.status !== 'pending' && task.status !== 'running') {
      throw new DomainError('invalid_input', 'task must be running or pending to be cancelled');
    }
    if (task.workflowId === '')
      throw new DomainError('server_error', 'failed to cancel task: no workflow instances associated with task');
    const canceling: TaskRecord = { ...task, status: 'canceling' };
    const log = logWrite(task, 'task is canceling', { status: 'canceling' }, now());
    const writes = [{ put: key, value: canceling }, log, ...retold(canceling)];
    if ((await kv.commit([{ key, revision: found.revision }], writes)) !== false) return canceling;
  }
}

/** The sweeper looks after the owners of databases and the outbox; what waits for its time, or runs beside the owner, is in neither. */
function retold(task: TaskRecord): KvWrite[] {
  if (ownsAtOnce(task)) return [];
  const { entityId: databaseId, taskId, type, scheduledAt } = task;
  return [{ put: keys.outbox(taskId), value: { databaseId, taskId, type, scheduledAt } }];
}

/** Tells the workflow to stop. A task whose workflow never started, or is gone, ends here. */
export async function deliverCancel(deps: ServerDeps, task: TaskRecord): Promise<void> {
  const run = await deps.temporal.runOf(task.workflowId);
  const isOurs = run && (run.taskId === undefined || run.taskId === task.taskId);
  const told = isOurs ? await deps.temporal.cancel(task.workflowId, run.runId) : 'not_running';
  if (told === 'not_running') await endTask(deps, task, 'canceled');
}
