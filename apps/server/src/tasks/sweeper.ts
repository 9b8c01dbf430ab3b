import type { DatabaseRecord, TaskRecord } from '@windlass/resources/store';
import { keys } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { failTask } from './end-task.ts';
import { startTask, type OutboxEntry } from './open-task.ts';

const INTERVAL_MS = 1000;
/** A task that looks unowned for this many rounds in a row is ended; one round may just be a race with its last write. */
const ROUNDS_UNTIL_LOST = 5;

/** Starts workflows whose start was lost, and ends tasks whose workflow is gone, so that nothing stays open for ever. */
export class Sweeper {
  readonly #deps: ServerDeps;
  readonly #onError: (err: unknown) => void;
  readonly #lost = new Map<string, number>();
  #timer: NodeJS.Timeout | undefined;

  constructor(deps: ServerDeps, onError: (err: unknown) => void) {
    this.#deps = deps;
    this.#onError = onError;
  }

  start(): void {
    this.#timer = setTimeout(() => {
      void this.sweep()
        .catch(this.#onError)
        .finally(() => this.start());
    }, INTERVAL_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }

  async sweep(): Promise<void> {
    for (const row of await this.#deps.kv.list('outbox/')) await this.#startOne(row.value as OutboxEntry);
    for (const row of await this.#deps.kv.list('databases/')) await this.#checkOpenTask(row.value as DatabaseRecord);
  }

  async #startOne(entry: OutboxEntry): Promise<void> {
    const { kv } = this.#deps;
    const record = (await kv.get(keys.database(entry.databaseId)))?.value as DatabaseRecord | undefined;
    if (record?.openTaskId !== entry.taskId) await kv.commit([], [{ remove: keys.outbox(entry.taskId) }]);
    else await startTask(this.#deps, entry);
  }

  async #checkOpenTask({ id, openTaskId }: DatabaseRecord): Promise<void> {
    if (openTaskId === undefined) return;
    const { kv, temporal } = this.#deps;
    const task = (await kv.get(keys.task('database', id, openTaskId)))?.value as TaskRecord | undefined;
    const waiting = await kv.get(keys.outbox(openTaskId));
    if (!task || waiting || (await temporal.isRunning(task.workflowId))) {
      this.#lost.delete(openTaskId);
      return;
    }
    const rounds = (this.#lost.get(openTaskId) ?? 0) + 1;
    this.#lost.set(openTaskId, rounds);
    if (rounds < ROUNDS_UNTIL_LOST) return;
    this.#lost.delete(openTaskId);
    await failTask(
      this.#deps,
      task,
      task.status === 'canceling' ? 'canceled' : 'failed',
      'the workflow ended without recording a result',
    );
  }
}
