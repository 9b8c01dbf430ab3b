import { sleep } from '@temporalio/workflow';
import type { TaskRef } from './as-task.ts';
import { control, turn } from './proxies.ts';

/**
 * Marks the task as running: at once, or when its time has come and no other operation owns the entity. `scheduledAt` is RFC 3339;
 * absent: the task owns its entity from the moment it was accepted.
 */
export async function awaitTurn(task: TaskRef, scheduledAt: string | undefined, what: string): Promise<void> {
  if (scheduledAt === undefined) return control.beginOperation(task);
  await control.beginWaiting({ ...task, scheduledAt });
  await sleep(Math.max(1, Date.parse(scheduledAt) - Date.now()), { summary: `wait until ${scheduledAt} to ${what}` });
  await turn.takeDatabase(task);
}
