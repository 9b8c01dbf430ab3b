import type { BackupRequest } from '@windlass/activities';
import { asTask, type TaskRef } from './as-task.ts';
import { atPrimary } from './at-primary.ts';
import { backupOn, controlFor, readOn } from './proxies.ts';

export interface BackupInput extends TaskRef, BackupRequest {
  readonly nodeName: string;
}

/** Takes a backup of a node. It runs beside other operations, and follows the primary when another member takes over. */
export async function backupNode(input: BackupInput): Promise<void> {
  const { databaseId, taskId, nodeName } = input;
  await asTask(input, async () => {
    await controlFor('mark the task as running').beginBeside({ databaseId, taskId });
    await atPrimary(input, async ({ instanceId, scope, queue }) => {
      await controlFor(`the backup is taken at ${instanceId}`).noteInstance({ databaseId, taskId, instanceId });
      const { type, annotations, options, repository } = input;
      const wish = { databaseId, taskId, instanceId, scope, type, annotations, options };
      const summary = `take a ${type} backup of ${nodeName}`;
      await backupOn(queue, summary).takeBackup({ ...wish, ...(repository !== undefined && { repository }) });
      await readOn(queue, 'read what is in the repositories').readCatalogue({ databaseId, nodeName, instanceId });
    });
  });
}
