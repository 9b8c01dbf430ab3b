import { DomainError } from '@windlass/resources/errors';
import { isTerminal, keys, type TaskRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { endTask } from '../tasks/end-task.ts';
import type { AlsoTask } from './accept-operation.ts';

/** What there may be one of at a time: the database and the node it is about, and the key that names its last task. */
export interface Turn {
  readonly id: string;
  readonly nodeName: string;
  readonly key: string;
}

/**
 * Refuses while the last task of the key goes on, scheduled ones included; the transaction that accepts the next one moves
 * the key, so that of two requests one wins. A task whose workflow is gone, although it was started, holds up nothing.
 */
export async function oneAtATime(deps: ServerDeps, { id, nodeName, key }: Turn, also: AlsoTask): Promise<AlsoTask> {
  const last = await deps.kv.get(key);
  const running = last && (await runningTask(deps, id, last.value as string));
  if (running)
    throw new DomainError(
      'operation_already_in_progress',
      `${running.type.replace('_', ' ')} already in progress for database ${id} node ${nodeName}`,
    );
  return (accepted) => {
    const { expect, writes } = also(accepted);
    return {
      expect: [...expect, { key, revision: last?.revision ?? 0 }],
      writes: [...writes, { put: key, value: accepted.taskId }],
    };
  };
}

async function runningTask(deps: ServerDeps, id: string, taskId: string): Promise<TaskRecord | undefined> {
  const task = (await deps.kv.get(keys.task('database', id, taskId)))?.value as TaskRecord | undefined;
  if (!task || isTerminal(task)) return undefined;
  if (task.status === 'pending' || (await deps.temporal.isRunning(task.workflowId))) return task;
  await endTask(deps, task, 'failed', 'the workflow ended without recording a result');
  return undefined;
}
