import type { WorkflowInputs } from '@windlass/resources/tasks';
import { asTask } from '../core/as-task.ts';
import { controlFor, moveOn } from '../core/proxies.ts';
import { atPrimary } from './at-primary.ts';
import { databaseTaskOf } from './database-task.ts';
import { sampleAll } from './sample-all.ts';

/** Leaves out the transaction of a peer at which a node is stopped: beside whatever owns the database, which may wait for just that. */
export async function skipTransaction(input: WorkflowInputs['skipTransaction']): Promise<void> {
  const { databaseId, nodeName, peer, lsn } = input;
  const task = databaseTaskOf(databaseId, input.taskId);
  await asTask(task, async () => {
    await controlFor('mark the task as running').beginBeside(task);
    await atPrimary(input, async ({ instanceId, queue }) => {
      await moveOn(queue, `leave out ${lsn} of ${peer}`).skipTransaction({ ...task, nodeName, instanceId, peer, lsn });
      await sampleAll(databaseId, [queue]);
    });
  });
}
