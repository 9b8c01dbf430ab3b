import type { DatabaseTask } from '@windlass/activities';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { atPrimary } from './at-primary.ts';
import { databaseTaskOf } from './database-task.ts';
import { reconcileDatabase } from './reconcile-database.ts';
import { backupOn, controlFor, lookAt } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

type DeleteInput = WorkflowInputs['deleteDatabase'];

/** Removes everything a database has, in the opposite order; what is already gone is fine. */
export async function deleteDatabase(input: DeleteInput): Promise<void> {
  await reconcileDatabase(input, input.purgeBackups === true ? () => purge(input) : undefined);
}

/** Backups go first, as long as there is an instance that can reach them. */
async function purge({ databaseId, taskId }: DeleteInput): Promise<undefined> {
  const task = databaseTaskOf(databaseId, taskId);
  for (const nodeName of await controlFor('which nodes have backups').listBackedUp({ databaseId })) {
    await atPrimary({ databaseId, nodeName }, ({ instanceId, queue }) =>
      backupOn(queue, `remove all backups of ${nodeName}`).purgeBackups({ ...task, nodeName, instanceId }),
    );
    const { members } = await controlFor(`who belongs to ${nodeName}`).findNode({ databaseId, nodeName });
    for (const { queue } of members) await drop(queue, task);
  }
  await controlFor('forget the credentials of the repositories').forgetRepositories(task);
  return undefined;
}

/** A host that is away keeps an empty directory. */
async function drop(queue: string, task: DatabaseTask): Promise<void> {
  try {
    await lookAt(queue, `remove the directory for backups on ${queue}`).dropBackupDirectory(task);
  } catch (err) {
    if (wasCanceled(err)) throw err;
  }
}
