import { outboxEntries, taskRecords, type TaskRef, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { deliverCancel } from './cancel-task.ts';
import { endTask } from './end-task.ts';
import { startTask } from './start-task.ts';

/** A task that looks unowned for this many rounds in a row is ended; one round may just be a race with its last write. */
const ROUNDS_UNTIL_LOST = 5;

/** Looks after the tasks that own an entity: one whose workflow is gone is ended, a cancel that did not arrive is repeated. */
export class OwningTasks {
  readonly #deps: ServerDeps;
  readonly #rounds = new Map<string, number>();
  readonly #told = new Set<string>();

  constructor(deps: ServerDeps) {
    this.#deps = deps;
  }

  /** One look at one task; what is in the outbox has not begun. */
  async check({ scope, entityId, taskId }: TaskRef): Promise<void> {
    const { kv, temporal } = this.#deps;
    const [found, waiting] = await Promise.all([
      taskRecords.get(kv, scope, entityId, taskId),
      kv.get(outboxEntries.key(taskId)),
    ]);
    if (!found || waiting) return void this.#rounds.delete(taskId);
    const task = found.value;
    if (!(await temporal.isRunning(task.workflowId))) return this.#isGone(task);
    this.#rounds.delete(taskId);
    if (task.status !== 'canceling' || this.#told.has(taskId)) return;
    await deliverCancel(this.#deps, task);
    this.#told.add(taskId);
  }

  forgetAllBut(open: readonly TaskRef[]): void {
    const ids = new Set(open.map(({ taskId }) => taskId));
    for (const id of [...this.#rounds.keys(), ...this.#told]) {
      if (ids.has(id)) continue;
      this.#rounds.delete(id);
      this.#told.delete(id);
    }
  }

  async #isGone(task: TaskRecord): Promise<void> {
    if (await this.#startOlderRemoval(task)) return;
    const rounds = (this.#rounds.get(task.taskId) ?? 0) + 1;
    this.#rounds.set(task.taskId, rounds);
    if (rounds < ROUNDS_UNTIL_LOST) return;
    if (task.status === 'canceling') await endTask(this.#deps, task, 'canceled');
    else await endTask(this.#deps, task, 'failed', 'the workflow ended without recording a result');
  }

  /** An earlier release kept no entry of a removal in the outbox; one that has not begun is pending. */
  async #startOlderRemoval({ type, status, scope: kind, entityId: id, taskId }: TaskRecord): Promise<boolean> {
    if (type !== 'remove_host' || status !== 'pending') return false;
    await startTask(this.#deps, { entity: { kind, id }, taskId, type, input: {} });
    return true;
  }
}
