import { v7 as uuidv7 } from 'uuid';
import type { StoredSpec } from '@windlass/resources/spec';
import type { KvWrite, TaskRecord, TaskType } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import type { ServerDeps, WorkflowStart } from '../deps.ts';
import { endTask, isTerminal } from './end-task.ts';
import { hostsOf } from './hosts-of.ts';

const WORKFLOWS = {
  create: 'createDatabase',
  update: 'updateDatabase',
  delete: 'deleteDatabase',
} as const satisfies Partial<Record<TaskType, string>>;

/** Tasks that are a workflow of their own, and own the database while they run. */
type OpenTaskType = keyof typeof WORKFLOWS;

export interface OutboxEntry {
  readonly databaseId: string;
  readonly taskId: string;
  readonly type: OpenTaskType;
  readonly tenantId?: string | undefined;
  readonly force?: boolean | undefined;
  /** The task this one takes over from: it is ended before this one starts. */
  readonly supersedes?: string | undefined;
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
export async function startTask(deps: ServerDeps, entry: OutboxEntry): Promise<'started' | 'already_running' | 'gone'> {
  const { databaseId, type } = entry;
  if (entry.supersedes !== undefined) await endSuperseded(deps, databaseId, entry.supersedes);
  const spec = await deps.kv.get(keys.spec(databaseId));
  if (type !== 'delete' && !spec) return 'gone';
  const hostIds = await hostsOf(deps.kv, databaseId, spec?.value as StoredSpec | undefined);
  return deps.temporal.start(toStart(entry, hostIds, type === 'delete' ? undefined : spec?.revision));
}

/** The workflow that was taken over is told to stop, and can write nothing any more; then its task is `canceled`. */
async function endSuperseded(deps: ServerDeps, databaseId: string, taskId: string): Promise<void> {
  const task = (await deps.kv.get(keys.task('database', databaseId, taskId)))?.value as TaskRecord | undefined;
  if (!task || isTerminal(task)) return;
  await deps.temporal.cancel(task.workflowId);
  await endTask(deps, task, 'canceled');
}

function toStart(
  { databaseId, taskId, type, force, tenantId }: OutboxEntry,
  hostIds: readonly string[],
  revision?: number,
): WorkflowStart {
  return {
    type: WORKFLOWS[type],
    id: `database/${databaseId}`,
    input: { taskId, databaseId, ...(revision !== undefined && { revision }), ...(force && { force: true }) },
    summary: `${type} database ${databaseId}`,
    details: `Task \`${taskId}\` of database **${databaseId}**. The plan is the result of the activity \`planChange\`.`,
    attributes: {
      WindlassDatabaseId: databaseId,
      WindlassTaskType: type,
      WindlassHostId: hostIds,
      ...(tenantId !== undefined && { WindlassTenantId: tenantId }),
    },
  };
}
