import type { OutboxEntry } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { startTask } from '../core/tasks/start-task.ts';

/** Accepted is accepted: when the workflow cannot be started now, the sweeper starts it from the outbox. */
export async function startNow(deps: ServerDeps, entry: OutboxEntry): Promise<void> {
  await startTask(deps, entry).catch(() => undefined);
}
