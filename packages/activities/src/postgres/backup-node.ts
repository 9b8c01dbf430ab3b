import { Context } from '@temporalio/activity';
import { takeBackup as take, type Backup, type BackupWish } from '@windlass/resources/postgres/backups';
import { DomainError } from '@windlass/resources/errors';
import type { ActivityDeps } from '../core/deps.ts';
import { keepCatalogue } from './backup-catalogue.ts';
import { withHeartbeat } from '../core/current-run.ts';
import { repositoriesOf } from './backup-repositories.ts';
import { appendTaskLog, formatDuration } from '../core/task-log.ts';
import type { DatabaseTask } from './database-task.ts';
import { createTaskProgress } from '../core/task-progress.ts';

/** What is asked for of a backup. */
export interface BackupRequest extends Pick<BackupWish, 'type' | 'annotations' | 'options'> {
  /** One repository only, by its position from 1; all of them when absent. */
  readonly repository?: number;
  /** Whether a replica is copied from: it must be, or is when one is healthy. */
  readonly standby?: 'required' | 'preferred';
}

export interface TakeBackupInput
  extends DatabaseTask, Omit<BackupWish, 'repositories'>, Pick<BackupRequest, 'repository'> {
  /** Absent: what is in the repositories is not kept. */
  readonly nodeName?: string;
}

/** Takes a backup on the host of the primary, into every repository of the node, and keeps what is in them then. */
export function takeBackup(deps: ActivityDeps) {
  return async function takeBackup(input: TakeBackupInput): Promise<readonly Backup[]> {
    const begun = performance.now();
    const { entity: _entity, databaseId, nodeName, repository, ...wish } = input;
    const fresh = wish.fresh === true && Context.current().info.attempt === 1;
    const all = (await repositoriesOf(deps, databaseId, input.instanceId)).map((_one, i) => i + 1);
    const repositories = repository === undefined ? all : all.filter((position) => position === repository);
    if (repositories.length === 0)
      throw new DomainError('invalid_input', 'backups are not configured for this database node');
    const show = createTaskProgress(deps.kv, input);
    const catalogue = await withHeartbeat(
      ({ signal, progress }) =>
        take(
          deps.clients,
          { ...wish, fresh, repositories },
          {
            signal,
            onProgress: (bytes) => {
              progress(`${String(bytes.bytesDone)} of ${String(bytes.bytesTotal)} bytes`);
              void show(bytes).catch(() => undefined); // it is only shown
            },
            onWait: progress,
          },
        ),
      (note) => appendTaskLog(deps.kv, input, `not done yet: ${note === '' ? 'pgBackRest works' : note}`),
    );
    const backups = catalogue.backups.filter((b) => b.taskId === input.taskId);
    const bytes = backups.at(-1)?.copiedBytes ?? 0;
    await show({ bytesDone: bytes, bytesTotal: bytes }, true);
    if (nodeName !== undefined) await keepCatalogue(deps.kv, { databaseId, nodeName }, catalogue);
    for (const backup of backups) await tell(deps, input, backup, performance.now() - begun);
    return backups;
  };
}

async function tell({ kv }: ActivityDeps, task: TakeBackupInput, backup: Backup, ms: number): Promise<void> {
  const { label, type, repository, copiedBytes, storedBytes } = backup;
  const { standby } = task;
  const from = standby === undefined ? '' : ` from standby '${standby}'`;
  const sizes = `${String(copiedBytes)} bytes copied, ${String(storedBytes)} bytes stored`;
  const message = `took ${type} backup '${label}'${from} into repository ${String(repository)}: ${sizes} (took ${formatDuration(ms)})`;
  const fields = {
    label,
    type,
    repository,
    ...(standby !== undefined && { standby }),
    bytes_copied: copiedBytes,
    bytes_stored: storedBytes,
  };
  await appendTaskLog(kv, task, message, { ...fields, duration_ms: Math.round(ms) });
}
