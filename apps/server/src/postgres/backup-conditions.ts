import {
  effectiveNode,
  nextRuns,
  type ApiCondition,
  type BackupConfig,
  type StoredSpec,
} from '@windlass/resources/postgres/spec';
import { wireTime } from '../core/tasks/read-tasks.ts';
import type { NodeBackups } from './backup-status.ts';
import type { DatabaseRecord, InstanceStatus, ScheduleRun } from '@windlass/resources/postgres/records';

/** A run that is due is waited for this long: it may wait for another operation, and take its time. */
const GRACE_MS = 15 * 60_000;
/** A failed attempt to archive is repeated: it is told when it has lasted. */
const ARCHIVING_MAY_FAIL_MS = 60_000;

/** What is wrong with the backups of a database, although it serves. */
export function backupConditions(
  record: DatabaseRecord,
  { spec }: StoredSpec,
  backups: readonly NodeBackups[],
  statuses: readonly InstanceStatus[],
  now: Date,
): ApiCondition[] {
  return backups.flatMap((one) => {
    const { nodeName } = one;
    const ours = statuses.filter((s) => s.nodeName === nodeName);
    const stopped = new Set(record.stoppedInstances ?? []);
    const isStopped = ours.length > 0 && ours.every((s) => stopped.has(s.instanceId));
    const schedules = effectiveNode(spec, nodeName).backups?.config.schedules ?? [];
    const found = [
      ...(isStopped ? [] : schedules.flatMap((s) => scheduleCondition(s, one.runs.get(s.id), record, now))),
      ...archivingCondition(ours, now),
      ...repositoryConditions(one),
      ...damageConditions(one),
    ];
    return found.map((condition) => ({ ...condition, node_name: nodeName }));
  });
}

type Schedule = NonNullable<BackupConfig['schedules']>[number];

function scheduleCondition(
  { id, type, cron_expression: cron }: Schedule,
  run: ScheduleRun | undefined,
  record: DatabaseRecord,
  now: Date,
): ApiCondition[] {
  const kind = type === 'verify' ? 'verification' : 'backup';
  if (run && (run.outcome === 'failed' || run.outcome === 'missed'))
    return [
      {
        type: `${kind}_${run.outcome}`,
        message: `the last run of schedule '${id}' ${run.outcome === 'missed' ? 'was missed' : 'failed'}: ${run.error ?? ''}`,
        since: wireTime(run.failingSince ?? run.endedAt),
      },
    ];
  const known = new Date(Math.max(Date.parse(run?.endedAt ?? record.updatedAt), Date.parse(record.updatedAt)));
  const [due] = nextRuns(cron, known, 1);
  if (!due || now.getTime() < due.getTime() + GRACE_MS) return [];
  const at = wireTime(due.toISOString());
  const message = `schedule '${id}' was due at ${at} and nothing was heard of it`;
  return [{ type: `${kind}_missed`, message, since: at }];
}

function archivingCondition(statuses: readonly InstanceStatus[], now: Date): ApiCondition[] {
  const since = statuses.find((s) => s.archiving)?.archiving?.failingSince;
  if (since === undefined || now.getTime() - Date.parse(since) < ARCHIVING_MAY_FAIL_MS) return [];
  const at = wireTime(since);
  return [{ type: 'archiving_failing', message: `WAL has not been archived since ${at}`, since: at }];
}

const repositoryConditions = ({ catalogue }: NodeBackups): ApiCondition[] =>
  (catalogue?.repositories ?? []).flatMap(({ position, problem }) =>
    problem === undefined
      ? []
      : [{ type: 'backup_repository_unusable' as const, message: `repository ${String(position)}: ${problem}` }],
  );

function damageConditions({ catalogue, checks }: NodeBackups): ApiCondition[] {
  return (catalogue?.backups ?? []).flatMap(({ repository, label, damaged }): ApiCondition[] => {
    const check = checks.get(`${String(repository)}/${label}`);
    if (check?.verified === false)
      return [
        {
          type: 'backup_damaged' as const,
          message: check.error ?? `backup '${label}' cannot be restored`,
          since: wireTime(check.checkedAt),
        },
      ];
    if (check && check.verified === undefined)
      return [
        {
          type: 'backup_not_verified' as const,
          message: check.error ?? `backup '${label}' could not be verified`,
          since: wireTime(check.checkedAt),
        },
      ];
    return damaged
      ? [
          {
            type: 'backup_damaged' as const,
            message: `backup '${label}' holds pages that were damaged when they were copied`,
          },
        ]
      : [];
  });
}
