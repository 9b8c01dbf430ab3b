import { DomainError } from '@windlass/resources/errors';
import type { ApiTask, ApiTaskLog } from '@windlass/resources/api';
import type { Kv } from '@windlass/resources/store';
import type { Reach } from '../door/reach.ts';
import { reachedTasks } from '../tenant-of.ts';
import { taskLogEntries, taskRecords, traitsOf, type TaskRef, type TaskRecord } from '@windlass/resources/tasks';

export const wireTime = (iso: string): string => `${iso.slice(0, 19)}Z`;

export function toApiTask(task: TaskRecord): ApiTask {
  return {
    task_id: task.taskId,
    scope: task.scope,
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
  const rows = await taskRecords.list(kv, [scope, entityId], {
    order: ascending ? 'asc' : 'desc',
    after: afterTaskId === undefined ? undefined : taskRecords.key(scope, entityId, afterTaskId),
    limit: limit > 0 ? limit : undefined,
  });
  return rows.map(({ value }) => toApiTask(value));
}

/** The same of every entity of a scope, or of all, that is reached: by time across entities. */
export async function listTasks(
  kv: Kv,
  scope: TaskRecord['scope'] | undefined,
  { afterTaskId, limit, ascending }: TaskQuery,
  reach: Reach,
): Promise<ApiTask[]> {
  const rows = await taskRecords.list(kv, scope === undefined ? [] : [scope]);
  const tasks = await reachedTasks(kv, reach, rows.map(({ value }) => value)); // prettier-ignore
  const sorted = [...tasks].sort((a, b) => (a.taskId < b.taskId ? -1 : 1) * (ascending ? 1 : -1));
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
  const found = await taskRecords.get(kv, scope, entityId, taskId);
  if (!found) throw new DomainError('not_found', 'no task found with the given ID');
  return found.value;
}

/** The status is read before the entries: a terminal status means that the log is whole. */
export async function readTaskLog(
  kv: Kv,
  task: TaskRef,
  query: { readonly afterEntryId?: string | undefined; readonly limit?: number | undefined },
): Promise<ApiTaskLog> {
  const { scope, entityId, taskId } = task;
  const { status } = await getTask(kv, scope, entityId, taskId);
  const all = (await taskLogEntries.list(kv, [scope, entityId, taskId])).map(({ value }) => value);
  const fresh = all.filter((e) => query.afterEntryId === undefined || e.entryId > query.afterEntryId);
  const entries = query.limit !== undefined && query.limit > 0 ? fresh.slice(-query.limit) : fresh;
  const last = fresh.at(-1)?.entryId ?? query.afterEntryId;
  return {
    scope,
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
