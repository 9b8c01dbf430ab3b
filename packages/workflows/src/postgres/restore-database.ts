import { CancellationScope, isCancellation, patched } from '@temporalio/workflow';
import type { ChosenBackup, DatabaseTask, NodeRestore, RestoreSite } from '@windlass/activities';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { applyPlan } from '../core/apply-plan.ts';
import { asTask } from '../core/as-task.ts';
import { refreshAll } from '../core/operate.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';
import { backupOn, cleanUpOn, controlFor, moveOn } from '../core/proxies.ts';
import { findAll, nodesAreGone, removeNodes } from './remove-nodes.ts';
import { swapNode } from './swap-node.ts';

export type RestoreInput = WorkflowInputs['restoreDatabase' | 'undoRestore'];

/** A node whose copy is ready. */
export interface PreparedNode {
  readonly ref: NodeRestore;
  readonly site: RestoreSite;
}

/** Restores nodes of a database in place. Until the first copy takes the place of data nothing is changed. */
export const restoreDatabase = (input: RestoreInput): Promise<void> => restore(input, false);

/** Puts back what the nodes ran with before their last restore. */
export const undoRestore = (input: RestoreInput): Promise<void> => restore(input, true);

async function restore(input: RestoreInput, undo: boolean): Promise<void> {
  const end = { untouched: true };
  const task = databaseTaskOf(input.databaseId, input.taskId);
  await asTask(
    task,
    async () => {
      await controlFor('mark the task as running').beginOperation(task);
      const sites = await Promise.all(input.parts.map((part) => locate(input, part, undo)));
      let wanted: RestoreInput;
      try {
        await Promise.all(sites.map(prepare));
        const swap = async (one: RestoreInput): Promise<void> => {
          for (const node of sites) await swapNode(node, one, end);
        };
        wanted = await swapAlone(task, input, end, (one) => CancellationScope.nonCancellable(() => swap(one)));
      } finally {
        await CancellationScope.nonCancellable(() => Promise.allSettled(sites.map(discard)));
      }
      await converge(wanted);
    },
    end,
  );
}

/**
 * Of several nodes one is restored, alone: the others go before, and come back as copies of it, also when it could not be restored. Gives what is to be
 * reached from then on.
 */
async function swapAlone(
  task: DatabaseTask,
  input: RestoreInput,
  end: { untouched: boolean },
  swap: (input: RestoreInput) => Promise<void>,
): Promise<RestoreInput> {
  const { remade } = input;
  if (!remade) return swap(input).then(() => input);
  const findings = await findAll(task, remade);
  const alone = await touching(end, async () => ({ ...input, revision: await removeNodes(task, remade, findings) }));
  const after = async (): Promise<RestoreInput> => ({ ...input, revision: await nodesAreGone(task, remade) });
  try {
    await swap(alone);
  } catch (err) {
    const isBack = end.untouched;
    await touching(end, async () => {
      if (isCancellation(err)) throw err;
      await converge(await after());
    });
    end.untouched = isBack;
    throw err;
  }
  return touching(end, after);
}

/** What is done half is not what it was. */
async function touching<T>(end: { untouched: boolean }, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (err) {
    end.untouched = false;
    throw err;
  }
}

async function locate(input: RestoreInput, part: RestoreInput['parts'][number], undo: boolean): Promise<PreparedNode> {
  const task = databaseTaskOf(input.databaseId, input.taskId);
  const { nodeName, taskId: nodeTaskId } = part;
  const wish = { ...task, nodeName, nodeTaskId, ...(undo && { undo }) };
  const site = await controlFor(`where ${nodeName} is restored`).locateRestore(wish);
  const { scope, instanceId, undoes } = site;
  return {
    site,
    ref: { ...task, nodeName, scope, instanceId, nodeTaskId, ...(undoes !== undefined && { undoes }) },
  };
}

/**
 * Makes the copy beside the data, while the database runs on. What cannot be restored is known first; what was written last is
 * archived while the backup is copied.
 */
async function prepare(node: PreparedNode): Promise<void> {
  const { ref, site } = node;
  let backup = patched('restore-looks-first') ? await find(node) : undefined;
  if (patched('restore-archives-meanwhile')) {
    await Promise.all([archive(node), copy(node, backup)]);
  } else {
    await archive(node);
    backup ??= await find(node);
    await copy(node, backup);
  }
  const summary = `recover the copy of ${ref.nodeName} until its target`;
  await backupOn(site.queue, summary).recoverCopy({ ...ref, ...(backup && { backup }) });
}

async function copy({ ref, site }: PreparedNode, backup: ChosenBackup | undefined): Promise<void> {
  if (!backup) return;
  const summary = `copy backup ${backup.label} beside the data of ${ref.nodeName}`;
  await backupOn(site.queue, summary).copyBackup({ ...ref, backup });
}

/** The backup to restore; none where an earlier restore is undone. */
async function find({ ref, site }: PreparedNode): Promise<ChosenBackup | undefined> {
  if (ref.undoes !== undefined) return undefined;
  return backupOn(site.queue, `find the backup for ${ref.nodeName}`).findBackup(ref);
}

async function archive({ ref, site }: PreparedNode): Promise<void> {
  const { instanceId, databaseId, nodeTaskId } = ref;
  if (site.leader !== instanceId) return;
  const log = databaseTaskOf(databaseId, nodeTaskId);
  await moveOn(site.queue, `${instanceId} archives what it has written`).archiveNow({ instanceId, log });
}

/** A worker that died has a minute to come back: what is cleaned up holds the credentials of the repository. */
async function discard({ ref, site }: PreparedNode): Promise<void> {
  await cleanUpOn(site.queue, `clean up after the restore of ${ref.nodeName}`).discardRestore(ref);
}

/** What is declared holds for the restored data, too: users, passwords, settings, extensions. */
async function converge({ databaseId, taskId, revision }: RestoreInput): Promise<void> {
  const task = databaseTaskOf(databaseId, taskId);
  const { refreshQueues } = await controlFor('what is there to refresh').beginTask(task);
  const look = await refreshAll(task, refreshQueues);
  const plan = { ...task, revision, ...look };
  const { steps } = await controlFor('compare what is wanted with what exists').planChange(plan);
  await applyPlan({ task, steps });
  await sampleAll(
    databaseId,
    refreshQueues.filter((queue) => queue.startsWith('host.')),
  );
}
