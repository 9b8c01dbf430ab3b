import { v7 as uuidv7 } from 'uuid';
import type { KvWrite, TaskRecord, TaskType } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import type { ServerDeps, WorkflowStart } from '../deps.ts';

const WORKFLOWS = {
  create: 'createDatabase',
  update: 'updateDatabase',
  delete: 'deleteDatabase',
} as const satisfies Record<TaskType, string>;

export interface OutboxEntry {
  readonly databaseId: string;
  readonly taskId: string;
  readonly type: TaskType;
  readonly tenantId?: string | undefined;
  readonly force?: boolean | undefined;
}

/** A new task and the writes that make it durable; they go into the same transaction as what it is about. */
export function newTask(
  entry: Omit<OutboxEntry, 'taskId'>,
  now: Date,
): { task: TaskRecord; writes: KvWrite[]; entry: OutboxEntry } {
  const taskId = uuidv7();
  const task: TaskRecord = {
    taskId,
    scope: 'database',
    entityId: entry.databaseId,
    type: entry.type,
    status: 'pending',
    createdAt: now.toISOString(),
    workflowId: `database/${entry.databaseId}`,
  };
  const outbox: OutboxEntry = { ...entry, taskId };
  return {
    task,
    entry: outbox,
    writes: [
      { put: keys.task('database', entry.databaseId, taskId), value: task },
      { put: keys.outbox(taskId), value: outbox },
    ],
  };
}

/** Starts the workflow of an accepted task. Safe to repeat: the workflow id is the lock. */
export async function startTask(
  { kv, temporal }: ServerDeps,
  entry: OutboxEntry,
): Promise<'started' | 'already_running' | 'gone'> {
  const { databaseId, taskId, type } = entry;
  const spec = type === 'delete' ? undefined : await kv.get(keys.spec(databaseId));
  if (type !== 'delete' && !spec) return 'gone';
  const request: WorkflowStart = {
    type: WORKFLOWS[type],
    id: `database/${databaseId}`,
    input: { taskId, databaseId, ...(spec && { revision: spec.revision }), ...(entry.force && { force: true }) },
    summary: `${type} database ${databaseId}`,
    details: `Task \`${taskId}\` of database **${databaseId}**. The plan is the result of the activity \`planChange\`.`,
    attributes: {
      WindlassDatabaseId: databaseId,
      WindlassTaskType: type,
      ...(entry.tenantId !== undefined && { WindlassTenantId: entry.tenantId }),
    },
  };
  return temporal.start(request);
}
