import { DomainError } from '@windlass/resources/errors';
import { partOf, type EntityRef } from '@windlass/resources/plan';
import { lastTasks } from '@windlass/resources/postgres/records';
import { taskRecords, isTerminal, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { endTask } from '../core/tasks/end-task.ts';
import type { AlsoTask } from '../entities/accept.ts';

/** What there may be one of at a time: the entity and the part of it that it is about, and which sort of task. */
export interface Turn {
  readonly entity: EntityRef;
  /** A node of a database. */
  readonly node: string;
  /** Tasks of one sort exclude each other. */
  readonly sort: string;
}

/**
 * Refuses while the last task of the turn goes on, scheduled ones included; the transaction that accepts the next one moves
 * the turn, so that of two requests one wins. A task whose workflow is gone, although it was started, holds up nothing.
 */
export async function oneAtATime(deps: ServerDeps, { entity, node, sort }: Turn, also: AlsoTask): Promise<AlsoTask> {
  const turn = [partOf(entity), node, sort] as const;
  const last = await lastTasks.get(deps.kv, ...turn);
  const running = last && (await runningTask(deps, entity, last.value));
  if (running)
    throw new DomainError(
      'operation_already_in_progress',
      `${running.type.replace('_', ' ')} already in progress for ${entity.kind} ${entity.id} node ${node}`,
    );
  return (accepted) => {
    const { expect, writes } = also(accepted);
    return {
      expect: [...expect, { key: lastTasks.key(...turn), revision: last?.revision ?? 0 }],
      writes: [...writes, lastTasks.put(accepted.taskId, ...turn)],
    };
  };
}

/** The task while it goes on; one whose workflow is gone although it was started is ended. */
export async function runningTask(
  deps: ServerDeps,
  { kind, id }: EntityRef,
  taskId: string,
): Promise<TaskRecord | undefined> {
  const task = (await taskRecords.get(deps.kv, kind, id, taskId))?.value;
  if (!task || isTerminal(task)) return undefined;
  if (task.status === 'pending' || (await deps.temporal.isRunning(task.workflowId))) return task;
  await endTask(deps, task, 'failed', 'the workflow ended without recording a result');
  return undefined;
}
