import {
  discardWork,
  dropData as drop,
  ensureStanza,
  hold,
  lostSlots,
  readKept,
  release,
  swapBack,
  swapIn,
} from '@windlass/resources/postgres/restore';
import { swapRecords, type SwapRecord } from '@windlass/resources/postgres/records';
import { withHeartbeat } from '../../core/current-run.ts';
import type { ActivityDeps } from '../../core/deps.ts';
import { appendTaskLog } from '../../core/task-log.ts';
import { dataOf } from './copy-backup.ts';
import { logOf, restoreFacts, type NodeRestore } from './restore-facts.ts';
import { restoreStep } from './restore-step.ts';

/** Has a member's Postgres stop and its container wait; false where it cannot wait, which changes nothing. */
export function holdInstance(deps: ActivityDeps) {
  return (input: NodeRestore): Promise<boolean> =>
    restoreStep(deps, 'hold', input, async ({ signal, progress }) => {
      for (const sentence of await lostSlots(deps.clients, input, signal))
        await appendTaskLog(deps.kv, logOf(input), sentence);
      progress(`Postgres of '${input.instanceId}' stops`);
      return hold(deps.clients, input.instanceId, signal);
    });
}

/** Lets a member that was held start its Postgres. */
export function releaseInstance(deps: ActivityDeps) {
  return (input: NodeRestore): Promise<void> =>
    restoreStep(deps, 'release', input, () => release(deps.clients, input.instanceId));
}

/** Puts the copy in the place of the data. Nothing of the node runs. */
export function swapData(deps: ActivityDeps) {
  return (input: NodeRestore): Promise<void> =>
    restoreStep(deps, 'swap', input, async () => {
      const { place } = await restoreFacts(deps, input);
      await swapIn(deps.clients.files, place, dataOf(input));
      await deps.clients.dcs.forgetData(input.scope);
      await appendTaskLog(deps.kv, logOf(input), 'put the copy in the place of the data, which is kept beside it');
    });
}

/** Puts back what was kept, because the copy did not take writes or was not waited for. */
export function swapDataBack(deps: ActivityDeps) {
  return (input: NodeRestore & { readonly isCanceled?: true }): Promise<void> =>
    restoreStep(deps, 'swap-back', input, async () => {
      const { place } = await restoreFacts(deps, input);
      await swapBack(deps.clients.files, place, dataOf(input));
      await deps.clients.dcs.forgetData(input.scope);
      const why = input.isCanceled ? 'the restore was canceled' : 'the copy did not take writes';
      await appendTaskLog(deps.kv, logOf(input), `put the former data back: ${why}`);
    });
}

/** Removes the data of a member that is stopped: it copies the new primary when it is started. */
export function dropData(deps: ActivityDeps) {
  return (input: NodeRestore): Promise<void> =>
    restoreStep(deps, 'drop', input, () => drop(deps.clients.files, input.instanceId));
}

export interface NoteSwapInput extends NodeRestore {
  /** When the former data was stopped. */
  readonly at: string;
  readonly keepHours: number;
}

/** Notes what the node ran with before, and for how long it is kept: only the last one can be put back. */
export function noteSwap(deps: ActivityDeps) {
  return (input: NoteSwapInput): Promise<void> =>
    restoreStep(deps, 'note', input, async ({ signal }) => {
      const { databaseId, nodeName, instanceId, taskId, at, keepHours, undoes } = input;
      const { place } = await restoreFacts(deps, input);
      const { kept, timeline } = await readKept(deps.clients, place, signal);
      const until = new Date(Date.parse(at) + keepHours * 3_600_000).toISOString();
      const record: SwapRecord = {
        taskId,
        databaseId,
        nodeName,
        instanceId,
        hostId: deps.clients.host.hostId,
        at,
        ...(timeline !== undefined && { fromTimeline: timeline }),
        data: kept ? 'kept' : 'gone',
        until,
      };
      if (undoes !== undefined) await change(deps, [databaseId, nodeName, undoes], { data: 'taken' });
      for (const { id, value } of await swapRecords.list(deps.kv, [databaseId, nodeName]))
        if (value.data === 'kept' && value.taskId !== taskId) await change(deps, id, { until: at });
      await deps.kv.commit([], [swapRecords.put(record, databaseId, nodeName, taskId)]);
      const message = kept ? `the former data is kept until ${until}` : 'there was no former data';
      await appendTaskLog(deps.kv, logOf(input), message, { kept_until: until });
    });
}

/** Makes sure that backups go on, now that the data is another. */
export function resumeBackups(deps: ActivityDeps) {
  return (input: NodeRestore): Promise<void> =>
    restoreStep(deps, 'resume', input, async ({ signal }) => {
      const problem = await ensureStanza(deps.clients, input, signal);
      if (problem !== undefined)
        await appendTaskLog(deps.kv, logOf(input), `not every repository can take backups of the data: ${problem}`);
    });
}

async function change(
  { kv }: ActivityDeps,
  id: readonly [databaseId: string, nodeName: string, taskId: string],
  more: Partial<SwapRecord>,
): Promise<void> {
  await swapRecords.change(kv, [...id], (swap) => ({ ...swap, ...more }));
}

/** Takes away what the work left: its container and its directories, with the credentials in them. */
export function discardRestore(deps: ActivityDeps) {
  return async function discardRestore(input: NodeRestore): Promise<void> {
    const { instanceId, taskId } = input;
    await withHeartbeat(() => discardWork(deps.clients, { instanceId, key: taskId }));
  };
}
