import type { WorkflowInputs } from '@windlass/resources/tasks';
import { asTask } from '../core/as-task.ts';
import { backupOn, controlFor } from '../core/proxies.ts';
import { atPrimary } from './at-primary.ts';
import { databaseTaskOf } from './database-task.ts';

/** Compares all nodes of a database, and repairs what differs where that is asked for. */
export async function compareNodes(input: WorkflowInputs['compareNodes']): Promise<void> {
  const { databaseId, nodeName, tables, repairFrom } = input;
  const task = databaseTaskOf(databaseId, input.taskId);
  const wish = { ...(tables && { tables }), ...(repairFrom !== undefined && { repairFrom }) };
  await asTask(task, async () => {
    await controlFor('mark the task as running').beginBeside(task);
    const beganAt = new Date().toISOString();
    await atPrimary({ databaseId, nodeName }, ({ instanceId, queue }) =>
      backupOn(queue, 'compare the nodes').compareNodes({ ...task, nodeName, instanceId, beganAt, ...wish }),
    );
  });
}
