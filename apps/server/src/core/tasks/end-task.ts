import { endTask as end, logWrite, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';

/** Ends a task that no workflow will end, and gives its database back. One that never began has changed nothing. */
export async function endTask(
  { kv, now }: ServerDeps,
  task: TaskRecord,
  outcome: 'failed' | 'canceled',
  error?: string,
): Promise<TaskRecord> {
  const toEnd = (begun: boolean) => ({ outcome, error, untouched: !begun });
  const line = logWrite(task, 'task successfully canceled', { status: outcome }, now());
  return (await end(kv, task, toEnd, { writes: outcome === 'canceled' ? [line] : [] }, now)) ?? task;
}
