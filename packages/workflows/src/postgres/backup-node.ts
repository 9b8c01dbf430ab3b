import { patched } from '@temporalio/workflow';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { asTask } from '../core/as-task.ts';
import { atPrimary, type AtPrimary } from './at-primary.ts';
import { fromStandby } from './from-standby.ts';
import { databaseTaskOf } from './database-task.ts';
import { backupOn, controlFor, readOn } from '../core/proxies.ts';

type BackupInput = WorkflowInputs['backupNode'];

/** Takes a backup of a node. It runs beside other operations, and follows the primary when another member takes over. */
export async function backupNode(input: BackupInput): Promise<void> {
  const { databaseId, taskId, nodeName } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await asTask(task, async () => {
    await controlFor('mark the task as running').beginBeside(task);
    let tries = 0;
    await atPrimary(input, async (primary) => {
      const { instanceId, queue } = primary;
      await fromStandby(task, primary, input.standby, (standby) => take(input, primary, (tries += 1) === 1, standby));
      if (patched('backup-keeps-catalogue')) return;
      await readOn(queue, 'read what is in the repositories').readCatalogue({ databaseId, nodeName, instanceId });
    });
  });
}

/** The task names the instance that is copied from. */
async function take(input: BackupInput, primary: AtPrimary, fresh: boolean, standby?: string): Promise<void> {
  const { databaseId, taskId, nodeName, type, annotations, options, repository } = input;
  const task = databaseTaskOf(databaseId, taskId);
  const { instanceId, scope, queue } = primary;
  const from = standby ?? instanceId;
  await controlFor(`the backup is taken at ${from}`).noteInstance({ ...task, instanceId: from });
  await backupOn(queue, `take a ${type} backup of ${nodeName}`).takeBackup({
    ...{ ...task, nodeName, instanceId, scope, type, annotations, options, fresh },
    ...(standby !== undefined && { standby }),
    ...(repository !== undefined && { repository }),
  });
}
