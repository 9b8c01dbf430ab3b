import { taskRecords, isTerminal, type OutboxEntry, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { endTask } from './end-task.ts';

/** A delete needs nothing of the run it takes over from to be in order: it waits this long for it to end by itself. */
const DELETE_WAITS_MS = 2500;
/** Whatever else takes over waits this long. */
const WAITS_MS = 30_000;
/** What would leave a node half changed when it ended in the middle; it has limits of its own. */
const CARRIED_THROUGH: ReadonlySet<TaskRecord['type']> = new Set(['restore', 'undo_restore']);

/**
 * Ends the task that `entry` takes over from, so that its own workflow can start: the other run is told to stop, and its task
 * is `canceled` from then on, because it can record nothing any more. A run that does not stop in time is ended by Temporal;
 * what its step still does is told to stop with the next heartbeat. Safe to repeat, by several servers at once: only the run
 * of another task is ever told.
 */
export async function takeOver(deps: ServerDeps, entry: OutboxEntry): Promise<void> {
  const { taskId, supersedes } = entry;
  if (supersedes === undefined) return;
  const other = await read(deps, entry, supersedes);
  if (!other) return;
  const run = await deps.temporal.runOf(other.workflowId);
  if (run && run.taskId !== taskId) {
    const told = isTerminal(other);
    if (told && (await isLate(deps, entry, other)))
      await deps.temporal.terminate(other.workflowId, run.runId, `task ${taskId} takes over`);
    else if (!told) await deps.temporal.cancel(other.workflowId, run.runId);
  }
  if (!isTerminal(other)) await endTask(deps, other, 'canceled');
}

async function isLate(deps: ServerDeps, entry: OutboxEntry, other: TaskRecord): Promise<boolean> {
  const { taskId, type } = entry;
  if (type !== 'delete' && CARRIED_THROUGH.has(other.type)) return false;
  const task = await read(deps, entry, taskId);
  const waits = type === 'delete' ? DELETE_WAITS_MS : WAITS_MS;
  return task !== undefined && deps.now().getTime() - Date.parse(task.createdAt) >= waits;
}

async function read({ kv }: ServerDeps, { entity }: OutboxEntry, taskId: string): Promise<TaskRecord | undefined> {
  return (await taskRecords.get(kv, entity.kind, entity.id, taskId))?.value;
}
