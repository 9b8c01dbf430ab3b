import { effectiveNode, nextRuns, type ApiBackupStatus, type StoredSpec } from '@windlass/resources/postgres/spec';
import {
  backupCatalogues,
  scheduleRuns,
  type BackupCheck,
  type InstanceStatus,
  type ScheduleRun,
  type StoredCatalogue,
} from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';
import { wireTime } from '../core/tasks/read-tasks.ts';
import { readChecks } from './read-checks.ts';
import { restorable } from './restorable.ts';

/** What is stored of the backups of a node. */
export interface NodeBackups {
  readonly nodeName: string;
  readonly catalogue: StoredCatalogue | undefined;
  readonly runs: ReadonlyMap<string, ScheduleRun>;
  /** By `<repository>/<label>`. */
  readonly checks: ReadonlyMap<string, BackupCheck>;
}

const NEXT_RUNS = 3;

/** Of every node that is backed up, what is known without asking its repositories. */
export async function readBackups(kv: Kv, databaseId: string, { spec }: StoredSpec): Promise<NodeBackups[]> {
  const names = spec.nodes.map((node) => node.name).filter((name) => effectiveNode(spec, name).backups);
  if (names.length === 0) return [];
  const runs = (await scheduleRuns.list(kv, [databaseId])).map(({ value }) => value);
  return Promise.all(
    names.map(async (nodeName) => {
      const [catalogue, checks] = await Promise.all([
        backupCatalogues.get(kv, databaseId, nodeName),
        readChecks(kv, databaseId, nodeName),
      ]);
      return {
        nodeName,
        catalogue: catalogue?.value,
        runs: new Map(runs.filter((run) => run.nodeName === nodeName).map((run) => [run.scheduleId, run])),
        checks,
      };
    }),
  );
}

/** The backups of a node as the status of its database tells them. */
export function toBackupStatus(
  one: NodeBackups,
  { spec }: StoredSpec,
  statuses: readonly InstanceStatus[],
  now: Date,
): ApiBackupStatus {
  const { nodeName, catalogue, runs, checks } = one;
  const ours = statuses.filter((s) => s.nodeName === nodeName);
  const bad = (b: StoredCatalogue['backups'][number]): boolean =>
    b.damaged || checks.get(`${String(b.repository)}/${b.label}`)?.verified === false;
  const last = (catalogue?.backups ?? []).filter((b) => !bad(b) && !b.former).at(-1);
  const schedules = effectiveNode(spec, nodeName).backups?.config.schedules ?? [];
  return {
    node_name: nodeName,
    ...(last && {
      last_backup: last.label,
      last_backup_at: wireTime(last.finishedAt),
      last_backup_age_seconds: ageOf(last.finishedAt, now),
    }),
    ...restorable(catalogue?.backups ?? [], ours),
    ...archivingOf(ours, now),
    ...(schedules.length > 0 && {
      schedules: schedules.map(({ id, type, cron_expression: cron }) => ({
        id,
        type,
        ...lastRun(runs.get(id)),
        next_runs: runsOf(cron, now),
      })),
    }),
  };
}

const ageOf = (iso: string, now: Date): number => Math.max(0, Math.round((now.getTime() - Date.parse(iso)) / 1000));

/** The next three runs of a timetable. */
export const runsOf = (cron: string, now: Date): string[] =>
  nextRuns(cron, now, NEXT_RUNS).map((date) => wireTime(date.toISOString()));

function archivingOf(statuses: readonly InstanceStatus[], now: Date): Pick<ApiBackupStatus, 'archiving'> {
  const found = statuses.find((s) => s.archiving)?.archiving;
  if (!found) return {};
  const { lastArchivedAt: last, failingSince, waiting, failed } = found;
  return {
    archiving: {
      ...(last !== undefined && { last_archived_at: wireTime(last), lag_seconds: ageOf(last, now) }),
      waiting_segments: waiting,
      failed,
      ...(failingSince !== undefined && { failing_since: wireTime(failingSince) }),
    },
  };
}

const lastRun = (run: ScheduleRun | undefined) =>
  run && {
    last_run_at: wireTime(run.endedAt),
    last_outcome: run.outcome,
    ...(run.error !== undefined && { last_error: run.error }),
  };
