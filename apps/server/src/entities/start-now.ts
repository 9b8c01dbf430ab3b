import type { ServerDeps } from '../deps.ts';
import { startTask } from '../tasks/open-task.ts';
import type { OutboxEntry } from '../tasks/workflow-start.ts';

/** Accepted is accepted: when the workflow cannot be started now, the sweeper starts it from the outbox. */
export async function startNow(deps: ServerDeps, entry: OutboxEntry): Promise<void> {
  await startTask(deps, entry).catch(() => undefined);
}
