import { toFailure } from '@windlass/resources/errors';
import {
  isTerminal,
  keys,
  type DatabaseRecord,
  type InstanceStatus,
  type Kv,
  type ScheduleRun,
  type TaskRecord,
} from '@windlass/resources/store';
import { makeTask } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';

export interface ScheduledRun {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly scheduleId: string;
}

export interface OpenRun extends ScheduledRun {
  readonly workflowId: string;
  readonly taskType: 'node_backup' | 'verify_backup';
}

/** `open`: the task of this run. `busy`: it cannot be taken right now. `off`: nobody wants it any more. */
export type Opened =
  { readonly outcome: 'open'; readonly taskId: string } | { readonly outcome: 'busy' | 'off'; readonly reason: string };

const MODIFIABLE: ReadonlySet<DatabaseRecord['state']> = new Set(['available', 'degraded', 'failed', 'unknown']);

/** Opens the task of a scheduled backup or verification, once for each run, when the database can have one. */
export function openScheduledBackup({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function openScheduledBackup(input: OpenRun): Promise<Opened> {
    try {
      return await open(kv, input);
    } catch (err) {
      throw toFailure(err);
    }
  };
}

async function open(kv: Kv, run: OpenRun): Promise<Opened> {
  const { databaseId, nodeName, scheduleId, workflowId, taskType } = run;
  const lock = keys.nodeTask(databaseId, nodeName);
  const [database, last, schedule] = await Promise.all([
    kv.get(keys.database(databaseId)),
    kv.get(lock),
    kv.get(`resources/${databaseId}/backup.schedule::${nodeName}:${scheduleId}`),
  ]);
  const record = database?.value as DatabaseRecord | undefined;
  if (!database || !record || !schedule) return { outcome: 'off', reason: 'it is not declared any more' };
  const task = last && (await taskOf(kv, databaseId, last.value as string));
  if (task?.workflowId === workflowId) return { outcome: 'open', taskId: task.taskId };
  const obstacle = await obstacleTo(kv, record, nodeName, task);
  if (obstacle) return obstacle;
  const wish = { scope: 'database', entityId: databaseId, type: taskType, workflowId, nodeName } as const;
  const opened = makeTask(wish, new Date());
  const done = await kv.commit(
    [
      { key: keys.database(databaseId), revision: database.revision },
      { key: lock, revision: last?.revision ?? 0 },
    ],
    [
      { put: keys.task('database', databaseId, opened.taskId), value: opened },
      { put: lock, value: opened.taskId },
    ],
  );
  return done === false ? open(kv, run) : { outcome: 'open', taskId: opened.taskId };
}

const taskOf = async (kv: Kv, databaseId: string, taskId: string): Promise<TaskRecord | undefined> =>
  (await kv.get(keys.task('database', databaseId, taskId)))?.value as TaskRecord | undefined;

async function obstacleTo(
  kv: Kv,
  record: DatabaseRecord,
  nodeName: string,
  task: TaskRecord | undefined,
): Promise<Opened | undefined> {
  const busy = (reason: string): Opened => ({ outcome: 'busy', reason });
  if (record.state === 'deleting') return { outcome: 'off', reason: 'the database is being deleted' };
  if (!MODIFIABLE.has(record.state)) return busy(`the database is ${record.state}`);
  if (task && !isTerminal(task)) return busy(`task ${task.taskId} is still running`);
  const rows = await kv.list(keys.instanceStatuses(record.id));
  const members = rows.map((row) => row.value as InstanceStatus).filter((s) => s.nodeName === nodeName);
  const stopped = new Set(record.stoppedInstances ?? []);
  if (members.length > 0 && members.every((m) => stopped.has(m.instanceId)))
    return { outcome: 'off', reason: 'the node is stopped' };
  return members.some((m) => m.writable) ? undefined : busy('the node has no primary that takes writes');
}

/** Keeps how a run of a schedule ended, so that a failed or missed one shows until one works. */
export function recordScheduledBackup({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function recordScheduledBackup(
    input: ScheduledRun & Pick<ScheduleRun, 'outcome' | 'taskId' | 'error'>,
  ): Promise<void> {
    const { databaseId, nodeName, scheduleId, outcome, taskId, error } = input;
    const key = keys.schedule(databaseId, nodeName, scheduleId);
    const [before, database] = await Promise.all([kv.get(key), kv.get(keys.database(databaseId))]);
    if (!database) return;
    const endedAt = new Date().toISOString();
    const last = before?.value as ScheduleRun | undefined;
    const worked = outcome === 'completed';
    const lastSuccessAt = worked ? endedAt : last?.lastSuccessAt;
    const value: ScheduleRun = {
      databaseId,
      nodeName,
      scheduleId,
      outcome,
      endedAt,
      ...(taskId !== undefined && { taskId }),
      ...(error !== undefined && { error }),
      ...(lastSuccessAt !== undefined && { lastSuccessAt }),
      ...(!worked && { failingSince: last?.failingSince ?? endedAt }),
    };
    await kv.commit([], [{ put: key, value }]);
  };
}
