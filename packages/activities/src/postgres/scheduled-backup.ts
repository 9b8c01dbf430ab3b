import { backupSchedule } from '@windlass/resources/postgres/kinds';
import {
  databaseRecords,
  instanceStatuses,
  lastTasks,
  scheduleRuns,
  type DatabaseRecord,
  type ScheduledRun,
  type ScheduleRun,
} from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';
import { accept, makeTask, taskRecords, isTerminal, type TaskRecord } from '@windlass/resources/tasks';
import type { ActivityDeps } from '../core/deps.ts';
import { resourceOf } from './stored-specs.ts';

export interface OpenRun extends ScheduledRun {
  readonly workflowId: string;
  readonly taskType: 'node_backup' | 'verify_backup';
}

/** `open`: the task of this run. `busy`: it cannot be taken right now. `off`: nobody wants it any more. */
export type Opened =
  { readonly outcome: 'open'; readonly taskId: string } | { readonly outcome: 'busy' | 'off'; readonly reason: string };

/** What a node takes one of at a time: backups, and what is done to them. */
const LANE = 'backups';
const MODIFIABLE: ReadonlySet<DatabaseRecord['state']> = new Set(['available', 'degraded', 'failed', 'unknown']);

/** Which host this is. */
interface HostOnly {
  readonly host: Pick<ActivityDeps['clients']['host'], 'hostId'>;
}

/** Opens the task of a scheduled backup or verification, once for each run, when the database can have one. */
export function openScheduledBackup({ kv, clients }: Pick<ActivityDeps, 'kv'> & { readonly clients: HostOnly }) {
  return async function openScheduledBackup(input: OpenRun): Promise<Opened> {
    return await open(kv, clients.host.hostId, input);
  };
}

async function open(kv: Kv, hostId: string, run: OpenRun): Promise<Opened> {
  const { databaseId, nodeName, scheduleId, workflowId, taskType } = run;
  const turn = [databaseId, nodeName, LANE] as const;
  const [database, last, schedule] = await Promise.all([
    databaseRecords.get(kv, databaseId),
    lastTasks.get(kv, ...turn),
    resourceOf(kv, databaseId, { kind: backupSchedule.kind, id: `${nodeName}:${scheduleId}` }),
  ]);
  if (!database || !schedule) return { outcome: 'off', reason: 'it is not declared any more' };
  const before = last && (await taskRecords.get(kv, 'database', databaseId, last.value))?.value;
  if (before?.workflowId === workflowId) return { outcome: 'open', taskId: before.taskId };
  const obstacle = await obstacleTo(kv, database.value, nodeName, before);
  if (obstacle) return obstacle;
  const wish = { scope: 'database', entityId: databaseId, type: taskType, workflowId, nodeName } as const;
  const task = makeTask(wish, new Date());
  const next = {
    expect: [{ key: lastTasks.key(...turn), revision: last?.revision ?? 0 }],
    writes: [lastTasks.put(task.taskId, ...turn)],
  };
  const holder = { records: databaseRecords, revision: database.revision };
  const doing = { by: { kind: 'host', id: hostId }, operation: 'scheduled-backup' } as const;
  const done = await accept(kv, { task, holder, also: [next], doing });
  return done === false ? open(kv, hostId, run) : { outcome: 'open', taskId: task.taskId };
}

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
  const statuses = (await instanceStatuses.list(kv, [record.id])).map(({ value }) => value);
  const members = statuses.filter((s) => s.nodeName === nodeName);
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
    const id = [databaseId, nodeName, encodeURIComponent(scheduleId)] as const;
    const [before, database] = await Promise.all([scheduleRuns.get(kv, ...id), databaseRecords.get(kv, databaseId)]);
    if (!database) return;
    const endedAt = new Date().toISOString();
    const last = before?.value;
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
    await kv.commit([], [scheduleRuns.put(value, ...id)]);
  };
}
