import { DomainError } from '@windlass/resources/errors';
import type { ApiTask, ApiTaskLog } from '@windlass/resources/spec';
import type { Kv, TaskLogEntry, TaskRecord } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import { traitsOf } from '@windlass/resources/tasks';

export const wireTime = (iso: string): string => `${iso.slice(0, 19)}Z`;

export function toApiTask(task: TaskRecord): ApiTask {
  return {
    task_id: task.taskId,
    scope: task.scope === 'host' ? 'host' : 'database', // the contract knows no others
    entity_id: task.entityId,
    ...(task.scope === 'database' && { database_id: task.entityId }),
    ...(task.parentId !== undefined && { parent_id: task.parentId }),
    ...(task.nodeName !== undefined && traitsOf(task.type).hidesNode !== true && { node_name: task.nodeName }),
    ...(task.instanceId !== undefined && { instance_id: task.instanceId }),
    ...(task.hostId !== undefined && { host_id: task.hostId }),
    created_at: wireTime(task.createdAt),
    ...(task.completedAt !== undefined && { completed_at: wireTime(task.completedAt) }),
    type: task.type,
    status: task.status,
    ...(task.error !== undefined && { error: task.error }),
    ...(task.progress && { progress: { bytes_done: task.progress.bytesDone, bytes_total: task.progress.bytesTotal } }),
  };
}

export interface TaskQuery {
  readonly afterTaskId?: string | undefined;
  readonly limit?: number | undefined;
  readonly ascending: boolean;
}

/** Tasks of one entity by id, which is by time; newest first unless asked otherwise. Reads no more than the page. */
export async function listTasksOf(
  kv: Kv,
  scope: TaskRecord['scope'],
  entityId: string,
  { afterTaskId, limit = 0, ascending }: TaskQuery,
): Promise<ApiTask[]> {
  const rows = await kv.list(keys.tasks(scope, entityId), {
    order: ascending ? 'asc' : 'desc',
    ...(afterTaskId !== undefined && { after: keys.task(scope, entityId, afterTaskId) }),
    ...(limit > 0 && { limit }),
  });
  return rows.map((row) => toApiTask(row.value as TaskRecord));
}

/** The same of every entity of a scope, or of all: by time across entities. */
export async function listTasks(
  kv: Kv,
  scope: TaskRecord['scope'] | undefined,
  { afterTaskId, limit, ascending }: TaskQuery,
): Promise<ApiTask[]> {
  const prefix = keys.tasks(scope);
  const tasks = (await kv.list(prefix)).map((row) => row.value as TaskRecord);
  const sorted = tasks.sort((a, b) => (a.taskId < b.taskId ? -1 : 1) * (ascending ? 1 : -1));
  const after = sorted.filter(
    (t) => afterTaskId === undefined || (ascending ? t.taskId > afterTaskId : t.taskId < afterTaskId),
  );
  return (limit !== undefined && limit > 0 ? after.slice(0, limit) : after).map(toApiTask);
}

export async function getTask(
  kv: Kv,
  scope: TaskRecord['scope'],
  entityId: string,
  taskId: string,
): Promise<TaskRecord> {
  const found = await kv.get(keys.task(scope, entityId, taskId));
  if (!found) throw new DomainError('not_found', 'no task found with the given ID');
  return found.value as TaskRecord;
}

/** The status is read before the entries: a terminal status means that the log is whole. */
export async function readTaskLog(
  kv: Kv,
  task: { readonly scope: TaskRecord['scope']; readonly entityId: string; readonly taskId: string },
  query: { readonly afterEntryId?: string | undefined; readonly limit?: number | undefined },
): Promise<ApiTaskLog> {
  const { scope, entityId, taskId } = task;
  const { status } = await getTask(kv, scope, entityId, taskId);
  const all = (await kv.list(keys.taskLog(scope, entityId, taskId))).map((row) => row.value as TaskLogEntry);
  const fresh = all.filter((e) => query.afterEntryId === undefined || e.entryId > query.afterEntryId);
  const entries = query.limit !== undefined && query.limit > 0 ? fresh.slice(-query.limit) : fresh;
  const last = fresh.at(-1)?.entryId ?? query.afterEntryId;
  return {
    scope: scope === 'host' ? 'host' : 'database', // the contract knows no others
    entity_id: entityId,
    ...(scope === 'database' && { database_id: entityId }),
    task_id: taskId,
    task_status: status,
    ...(last !== undefined && { last_entry_id: last }),
    entries: entries.map((e) => ({
      timestamp: wireTime(e.timestamp),
      message: e.message,
      ...(e.fields && { fields: { ...e.fields } }),
    })),
  };
}
