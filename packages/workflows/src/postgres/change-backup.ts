import type { DatabaseTask } from '@windlass/activities';
import type { WorkflowInputs } from '@windlass/resources/tasks';
import { asTask } from '../core/as-task.ts';
import { atPrimary } from './at-primary.ts';
import { databaseTaskOf } from './database-task.ts';
import { backupOn, controlFor, readOn } from '../core/proxies.ts';

type OneBackupInput = WorkflowInputs['deleteBackup' | 'verifyBackup'];

/** Removes a backup, and those that cannot be restored without it. */
export async function deleteBackup(input: OneBackupInput): Promise<void> {
  await change(input, (queue, one) => backupOn(queue, `remove backup ${input.label}`).removeBackup(one));
}

/** Restores a backup into a throw-away instance and reads all of it. */
export async function verifyBackup(input: OneBackupInput): Promise<void> {
  await change(input, verifyOn(input));
}

/** The same as a part of a task that goes on. */
export const proveBackup = (input: OneBackupInput): Promise<void> => atBackup(input, verifyOn(input));

type Work = (queue: string, one: OneBackupInput & DatabaseTask & { readonly instanceId: string }) => Promise<void>;

const verifyOn =
  ({ label }: OneBackupInput): Work =>
  (queue, one) =>
    backupOn(queue, `restore and read backup ${label}`).verifyBackup(one);

async function change(input: OneBackupInput, work: Work): Promise<void> {
  const task = databaseTaskOf(input.databaseId, input.taskId);
  await asTask(task, async () => {
    await controlFor('mark the task as running').beginBeside(task);
    await atBackup(input, work);
  });
}

async function atBackup(input: OneBackupInput, work: Work): Promise<void> {
  const { databaseId, nodeName, label, repository } = input;
  const task = databaseTaskOf(databaseId, input.taskId);
  await atPrimary(input, async ({ instanceId, queue }) => {
    await controlFor(`it is done at ${instanceId}`).noteInstance({ ...task, instanceId });
    await work(queue, { ...task, nodeName, label, repository, instanceId });
    await readOn(queue, 'read what is in the repositories').readCatalogue({ databaseId, nodeName, instanceId });
  });
}
