import type { WorkflowInputs } from '@windlass/resources/tasks';
import { databaseTaskOf } from './database-task.ts';
import { reconcileDatabase } from './reconcile-database.ts';
import { findAll, nodesAreGone, removeNodes } from './remove-nodes.ts';

/** Brings a database to the spec stored at `revision`; runs only what changed. Nodes that are to be made anew are removed first. */
export async function updateDatabase(input: WorkflowInputs['updateDatabase']): Promise<void> {
  const { databaseId, taskId, remade } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await reconcileDatabase(
    input,
    remade &&
      (async () => {
        await removeNodes(task, remade, await findAll(task, remade));
        return { revision: await nodesAreGone(task, remade) };
      }),
  );
}
