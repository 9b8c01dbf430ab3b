import {
  copyBackup as copy,
  findBackup as find,
  LEFT_THERE,
  recoverCopy as recover,
  restorePaths,
} from '@windlass/resources/postgres/restore';
import type { ChosenBackup, RecoveredCopy } from '@windlass/resources/postgres/restore';
import { DomainError } from '@windlass/resources/errors';
import type { ActivityDeps } from '../../core/deps.ts';
import { appendTaskLog, formatDuration } from '../../core/task-log.ts';
import { createTaskProgress, type Bytes } from '../../core/task-progress.ts';
import { logOf, restoreFacts, type NodeRestore } from './restore-facts.ts';
import { restoreStep } from './restore-step.ts';

/** Looks whether the restore can succeed, before anything is changed, and chooses the backup. */
export function findBackup(deps: ActivityDeps) {
  return (input: NodeRestore): Promise<ChosenBackup> =>
    restoreStep(deps, 'look', input, async ({ signal, progress }) => {
      progress('looking for the backup');
      const { place, origin } = await restoreFacts(deps, input);
      if (!origin) throw new DomainError('server_error', 'there is no backup to look for');
      const chosen = await find(deps.clients, place, origin, signal);
      const { label, bytes, timeline } = chosen;
      const on = timeline === undefined ? '' : ` on timeline ${String(timeline)}`;
      const message = `chose backup '${label}' of '${origin.source.databaseId}', ${String(bytes)} bytes${on}`;
      await appendTaskLog(deps.kv, logOf(input), message, { label, bytes, timeline });
      return chosen;
    });
}

/** Copies the backup beside the data of the instance. */
export function copyBackup(deps: ActivityDeps) {
  return (input: NodeRestore & { readonly backup: ChosenBackup }): Promise<void> =>
    restoreStep(deps, 'copy', input, async (run) => {
      const { place, origin } = await restoreFacts(deps, input);
      if (!origin) throw new DomainError('server_error', 'there is no backup to copy');
      const begun = performance.now();
      const show = createTaskProgress(deps.kv, logOf(input));
      const onBytes = (bytes: Bytes): void => {
        run.progress(`${String(bytes.bytesDone)} of ${String(bytes.bytesTotal)} bytes`);
        void show(bytes).catch(() => undefined); // it is only shown
      };
      await copy(deps.clients, place, { origin, backup: input.backup }, { ...run, onBytes });
      const took = formatDuration(performance.now() - begun);
      const message = `copied backup '${input.backup.label}' beside the data, ${String(input.backup.bytes)} bytes (took ${took})`;
      await appendTaskLog(deps.kv, logOf(input), message, { bytes: input.backup.bytes });
    });
}

/** Recovers the copy, or what an earlier restore left, until the target. The instance still runs. */
export function recoverCopy(deps: ActivityDeps) {
  return (input: NodeRestore & { readonly backup?: ChosenBackup }): Promise<RecoveredCopy> =>
    restoreStep(deps, 'recover', input, async (run) => {
      const { place, origin, aims } = await restoreFacts(deps, input);
      const begun = performance.now();
      const found = await recover(
        deps.clients,
        place,
        {
          data: dataOf(input),
          origin,
          aims,
          former: input.backup?.former,
          target: origin?.target ?? { type: 'default' },
          timeline: origin ? input.backup?.timeline : 'current',
        },
        run,
      );
      const took = formatDuration(performance.now() - begun);
      const last = found.lastCommitAt === undefined ? '' : `; its last commit is of ${found.lastCommitAt}`;
      const message = `recovered the copy on timeline ${String(found.timeline)}${last} (took ${took})`;
      await appendTaskLog(deps.kv, logOf(input), message, { ...found });
      if (aims.foreign) await appendTaskLog(deps.kv, logOf(input), LEFT_THERE);
      if (found.stays !== undefined) await appendTaskLog(deps.kv, logOf(input), found.stays);
      return found;
    });
}

/** The directory that becomes the data of the instance. */
export function dataOf({ instanceId, taskId, undoes }: NodeRestore): string {
  const { copy } = restorePaths({ instanceId, key: taskId });
  return undoes === undefined ? copy : restorePaths({ instanceId, key: undoes }).before;
}
