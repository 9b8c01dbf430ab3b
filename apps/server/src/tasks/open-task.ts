import { v7 as uuidv7 } from 'uuid';
import type { StoredSpec } from '@windlass/resources/spec';
import type { KvWrite, TaskRecord } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import { makeTask, traitsOf } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { hostsOf } from './hosts-of.ts';
import { takeOver } from './take-over.ts';
import { toStart, workflowIdOf, type OutboxEntry } from './workflow-start.ts';

/** A new task and the writes that make it durable; they go into the same transaction as what it is about. */
export function newTask(
  entry: Omit<OutboxEntry, 'taskId'>,
  now: Date,
  taskId: string = uuidv7(),
): { task: TaskRecord; writes: KvWrite[]; entry: OutboxEntry } {
  const outbox: OutboxEntry = { ...entry, taskId };
  const { databaseId: entityId, type, parentId } = entry;
  const about = { scope: 'database', entityId, type, workflowId: workflowIdOf(outbox), ...factsOf(entry) } as const;
  const task = makeTask({ ...about, taskId, ...(parentId !== undefined && { parentId }) }, now);
  return {
    task,
    entry: outbox,
    writes: [
      { put: keys.task('database', entry.databaseId, taskId), value: task },
      { put: keys.outbox(taskId), value: outbox },
    ],
  };
}

/**
 * What the task shows, as the contract has it: one about an instance does not name the node, too; of a switchover or
 * failover the instance is the candidate.
 */
function factsOf(entry: Omit<OutboxEntry, 'taskId'>): Partial<TaskRecord> {
  const { type, nodeName, instanceId, candidate, hostId, scheduledAt } = entry;
  const instance = instanceId ?? candidate;
  return {
    ...(nodeName !== undefined && traitsOf(type).ofInstance !== true && { nodeName }),
    ...(instance !== undefined && { instanceId: instance }),
    ...(hostId !== undefined && { hostId }),
    ...(scheduledAt !== undefined && { scheduledAt }),
  };
}

/** Starts the workflow of an accepted task. Safe to repeat: the workflow id is the lock. */
export async function startTask(deps: ServerDeps, entry: OutboxEntry): Promise<'started' | 'already_running' | 'gone'> {
  const { databaseId, type } = entry;
  await takeOver(deps, entry);
  const spec = await deps.kv.get(keys.spec(databaseId));
  if (type !== 'delete' && !spec) return 'gone';
  const hostIds = await hostsOf(deps.kv, databaseId, spec?.value as StoredSpec | undefined);
  return deps.temporal.start(toStart(entry, hostIds, type === 'delete' ? undefined : spec?.revision));
}
