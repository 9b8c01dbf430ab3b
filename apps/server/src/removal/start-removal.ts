import { isTerminal, keys, type RemovalRecord, type TaskRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';

/** Starts the workflow of an accepted removal. Safe to repeat: the workflow id is the lock. */
export function startRemoval(
  { temporal }: Pick<ServerDeps, 'temporal'>,
  { entityId: hostId, taskId, workflowId }: TaskRecord,
): Promise<'started' | 'already_running'> {
  return temporal.start({
    type: 'removeHost',
    id: workflowId,
    taskId,
    input: { hostId, taskId },
    summary: `remove host ${hostId}`,
    details: `Task \`${taskId}\` of host **${hostId}**. It waits for the updates that take the host out of its databases.`,
    attributes: { WindlassHostId: [hostId], WindlassTaskType: 'remove_host' },
  });
}

/** Starts removals whose start was lost; ends those whose workflow is gone. */
export class RemovalTender {
  readonly #deps: ServerDeps;
  readonly #lost = new Map<string, number>();

  constructor(deps: ServerDeps) {
    this.#deps = deps;
  }

  async tend({ hostId, taskId }: RemovalRecord): Promise<void> {
    const task = (await this.#deps.kv.get(keys.task('host', hostId, taskId)))?.value as TaskRecord | undefined;
    if (!task || isTerminal(task)) return this.#end(hostId, taskId, task);
    if (await this.#deps.temporal.isRunning(task.workflowId)) return void this.#lost.delete(taskId);
    if (task.status === 'pending') return void (await startRemoval(this.#deps, task));
    const rounds = (this.#lost.get(taskId) ?? 0) + 1;
    this.#lost.set(taskId, rounds);
    if (rounds >= ROUNDS_UNTIL_LOST) await this.#end(hostId, taskId, task);
  }

  async #end(hostId: string, taskId: string, task: TaskRecord | undefined): Promise<void> {
    this.#lost.delete(taskId);
    const { kv, now } = this.#deps;
    const found = await kv.get(keys.removal(hostId));
    if ((found?.value as RemovalRecord | undefined)?.taskId !== taskId) return;
    const failed = { status: 'failed', error: 'the workflow ended without recording a result' } as const;
    await kv.commit(
      [{ key: keys.removal(hostId), revision: found?.revision ?? 0 }],
      [
        { remove: keys.removal(hostId) },
        ...(task && !isTerminal(task)
          ? [
              {
                put: keys.task('host', hostId, taskId),
                value: { ...task, ...failed, completedAt: now().toISOString() },
              },
            ]
          : []),
      ],
    );
  }
}

/** One round may just be a race with the last write of the workflow. */
const ROUNDS_UNTIL_LOST = 5;
