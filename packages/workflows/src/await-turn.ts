import { sleep } from '@temporalio/workflow';
import type { TaskRef } from './as-task.ts';
import { control, turn } from './proxies.ts';

export interface Schedulable extends TaskRef {
  /** RFC 3339; absent: the task owns its database from the moment it was accepted. */
  readonly scheduledAt?: string;
}

/** Marks the task as running: at once, or when its time has come and no other operation owns the database. */
export async function awaitTurn({ databaseId, taskId, scheduledAt }: Schedulable, what: string): Promise<void> {
  if (scheduledAt === undefined) return control.beginOperation({ databaseId, taskId });
  await control.beginWaiting({ databaseId, taskId, scheduledAt });
  await sleep(Math.max(1, Date.parse(scheduledAt) - Date.now()), { summary: `wait until ${scheduledAt} to ${what}` });
  await turn.takeDatabase({ databaseId, taskId });
}
