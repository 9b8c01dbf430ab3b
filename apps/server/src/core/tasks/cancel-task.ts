import type { EntityRef } from '@windlass/resources/plan';
import { DomainError } from '@windlass/resources/errors';
import type { KvWrite } from '@windlass/resources/store';
import { logWrite, outboxEntries, ownsAtOnce, taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { endTask } from './end-task.ts';

/**
 * Asks a task to stop. The wish is stored before Temporal is told, so that it is never lost: the sweeper tells what
 * could not be told now. A running task undoes nothing and ends at a whole step.
 */
export async function cancelTask(deps: ServerDeps, entity: EntityRef, taskId: string): Promise<TaskRecord> {
  const canceling = await markCanceling(deps, entity, taskId);
  await deliverCancel(deps, canceling).catch(() => undefined);
  return canceling;
}

async function markCanceling({ kv, now }: ServerDeps, entity: EntityRef, taskId: string): Promise<TaskRecord> {
  const canceling = await taskRecords.change(
    kv,
    [entity.kind, entity.id, taskId],
    (task) => {
      refuseUncancelable(task);
      return { ...task, status: 'canceling' };
    },
    (task) => ({ writes: [logWrite(task, 'task is canceling', { status: 'canceling' }, now()), ...retold(task)] }),
  );
  if (!canceling) throw new DomainError('invalid_input', 'task is not associated with database ');
  return canceling;
}

function refuseUncancelable({ status, workflowId }: TaskRecord): void {
  if (status !== 'pending' && status !== 'running')
    throw new DomainError('invalid_input', 'task must be running or pending to be cancelled');
  if (workflowId === '')
    throw new DomainError('server_error', 'failed to cancel task: no workflow instances associated with task');
}

/** The sweeper looks after the owners of entities and the outbox; what waits for its time, or runs beside the owner, is in neither. */
function retold(task: TaskRecord): KvWrite[] {
  if (ownsAtOnce(task)) return [];
  const { scope: kind, entityId: id, taskId } = task;
  return [outboxEntries.put({ entity: { kind, id }, taskId, cancel: true }, taskId)];
}

/** Tells the workflow to stop. A task whose workflow never started, or is gone, ends here. */
export async function deliverCancel(deps: ServerDeps, task: TaskRecord): Promise<void> {
  const run = await deps.temporal.runOf(task.workflowId);
  const isOurs = run && (run.taskId === undefined || run.taskId === task.taskId);
  const told = isOurs ? await deps.temporal.cancel(task.workflowId, run.runId) : 'not_running';
  if (told === 'not_running') await endTask(deps, task, 'canceled');
}
