import { ApplicationFailure } from '@temporalio/workflow';
import { rootCause } from '../core/apply-plan.ts';
import { asTask } from '../core/as-task.ts';
import { atPrimary } from './at-primary.ts';
import { proveBackup } from './change-backup.ts';
import { databaseTaskOf } from './database-task.ts';
import { controlFor, readOn } from '../core/proxies.ts';
import { wasCanceled } from '../core/was-canceled.ts';

export interface VerifyDueInput {
  readonly databaseId: string;
  readonly taskId: string;
  readonly nodeName: string;
}

/**
 * Proves a backup of each repository of a node, one after the other. One that is damaged, or a repository that has none,
 * keeps none of the others from being proven; the task fails and names them.
 */
export async function verifyDue(input: VerifyDueInput): Promise<void> {
  const { databaseId, taskId, nodeName } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await asTask(task, async () => {
    await controlFor('mark the task as running').beginBeside(task);
    const { backups, lacking } = await atPrimary(input, ({ instanceId, queue }) =>
      readOn(queue, 'which backups are to be verified').findDueBackups({ databaseId, nodeName, instanceId }),
    );
    const failures: { message: string; type: string }[] = [];
    for (const one of backups) {
      try {
        await proveBackup({ ...input, ...one });
      } catch (err) {
        if (wasCanceled(err)) throw err;
        failures.push(rootCause(err));
      }
    }
    const all = [...failures, ...lacking.map((message) => ({ message, type: 'backup_not_found' }))];
    const [first] = all;
    if (first) throw ApplicationFailure.nonRetryable(all.map((one) => one.message).join('; '), first.type);
  });
}
