import type { Kv } from '@windlass/resources/store';
import { begin, databaseTask } from '@windlass/resources/tasks';

/** Marks a task that owns its database as running and clears it from the outbox. `stale_task` when it owns it no more. */
export async function markRunning(kv: Kv, databaseId: string, taskId: string): Promise<void> {
  await begin(kv, databaseTask(databaseId, taskId), { owns: true });
}
