import { domainErrorOf } from '@windlass/resources/errors';
import { databaseRecords } from '@windlass/resources/records';
import type { DatabaseRecord, RemovalRecord, TaskRecord } from '@windlass/resources/store';
import { isTerminal, keys, Mirror } from '@windlass/resources/store';
import { ownsAtOnce } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { RemovalTender } from '../removal/start-removal.ts';
import { deliverCancel } from './cancel-task.ts';
import { endTask } from './end-task.ts';
import { startTask } from './open-task.ts';
import { KEPT, Retention, type Kept } from './retention.ts';
import type { OutboxEntry } from './workflow-start.ts';

const INTERVAL_MS = 1000;
/** While a forced delete waits for the run it takes over from to end. */
const TAKEOVER_INTERVAL_MS = 200;
/** A task that looks unowned for this many rounds in a row is ended; one round may just be a race with its last write. */
const ROUNDS_UNTIL_LOST = 5;

/**
 * Starts workflows whose start was lost, repeats cancels that did not arrive, and ends tasks whose workflow is gone,
 * so that nothing stays open for ever; forgets what is old. Several servers may sweep at once.
 */
export class Sweeper {
  readonly #deps: ServerDeps;
  readonly #onError: (err: unknown) => void;
  readonly #lost = new Map<string, number>();
  readonly #told = new Set<string>();
  readonly #removals: RemovalTender;
  readonly #retention: Retention;
  readonly #databases: Mirror<DatabaseRecord, [databaseId: string]>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: ServerDeps, onError: (err: unknown) => void, kept: Kept = KEPT) {
    this.#deps = deps;
    this.#databases = new Mirror(deps.kv, databaseRecords, onError);
    this.#retention = new Retention(deps, kept);
    this.#removals = new RemovalTender(deps);
    this.#onError = onError;
  }

  start(afterMs = INTERVAL_MS): void {
    if (this.#stopped) return;
    this.#timer = setTimeout(() => {
      void this.sweep()
        .catch(this.#onError)
        .then((taking) => this.start(taking === true ? TAKEOVER_INTERVAL_MS : INTERVAL_MS));
    }, afterMs);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
    void this.#databases.close().catch(this.#onError);
  }

  /** One round; true when a takeover waits. Rejects when etcd or Temporal is away: the next round tries again. */
  async sweep(): Promise<boolean> {
    const waiting = (await this.#deps.kv.list('outbox/')).map((row) => row.value as OutboxEntry);
    for (const entry of waiting) await this.#attempt(() => this.#startOne(entry));
    const databases = await this.#databases.rows();
    const records = databases.map((row) => row.value);
    for (const record of records) await this.#attempt(() => this.#checkOpenTask(record));
    const removals = (await this.#deps.kv.list(keys.removal())).map((row) => row.value as RemovalRecord);
    for (const removal of removals) await this.#attempt(() => this.#removals.tend(removal));
    await this.#attempt(() => this.#retention.round(databases));
    this.#forgetAllBut(new Set(records.map((r) => r.openTaskId)));
    return waiting.some((entry) => entry.supersedes !== undefined);
  }

  /** One entry that fails keeps no other from being served. */
  async #attempt(work: () => Promise<void>): Promise<void> {
    try {
      await work();
    } catch (err) {
      const code = domainErrorOf(err)?.code;
      if (code === 'store_unavailable' || code === 'temporal_unavailable') throw err;
      this.#onError(err);
    }
  }

  async #startOne(entry: OutboxEntry): Promise<void> {
    const { databaseId, taskId } = entry;
    const [record, task] = await Promise.all([
      this.#read<DatabaseRecord>(keys.database(databaseId)),
      this.#read<TaskRecord>(keys.task('database', databaseId, taskId)),
    ]);
    if (!task || isTerminal(task)) await this.#deps.kv.commit([], [{ remove: keys.outbox(taskId) }]);
    else if (!record || (ownsAtOnce(entry) && record.openTaskId !== taskId))
      await endTask(this.#deps, task, 'canceled');
    else if (task.status === 'canceling') await deliverCancel(this.#deps, task);
    else await this.#startTask(entry, task);
  }

  /** A start that is refused for good is the end of its task. */
  async #startTask(entry: OutboxEntry, task: TaskRecord): Promise<void> {
    try {
      if ((await startTask(this.#deps, entry)) === 'gone')
        await endTask(this.#deps, task, 'failed', 'its spec is gone');
    } catch (err) {
      const refused = domainErrorOf(err);
      if (refused?.code !== 'temporal_refused') throw err;
      await endTask(this.#deps, task, 'failed', refused.message);
    }
  }

  async #checkOpenTask({ id, openTaskId }: DatabaseRecord): Promise<void> {
    if (openTaskId === undefined) return;
    const [task, waiting] = await Promise.all([
      this.#read<TaskRecord>(keys.task('database', id, openTaskId)),
      this.#deps.kv.get(keys.outbox(openTaskId)),
    ]);
    if (!task || waiting) return void this.#lost.delete(openTaskId);
    if (!(await this.#deps.temporal.isRunning(task.workflowId))) return this.#countLost(task);
    this.#lost.delete(openTaskId);
    if (task.status !== 'canceling' || this.#told.has(openTaskId)) return;
    await deliverCancel(this.#deps, task);
    this.#told.add(openTaskId);
  }

  async #countLost(task: TaskRecord): Promise<void> {
    const rounds = (this.#lost.get(task.taskId) ?? 0) + 1;
    this.#lost.set(task.taskId, rounds);
    if (rounds < ROUNDS_UNTIL_LOST) return;
    if (task.status === 'canceling') await endTask(this.#deps, task, 'canceled');
    else await endTask(this.#deps, task, 'failed', 'the workflow ended without recording a result');
  }

  async #read<T>(key: string): Promise<T | undefined> {
    return (await this.#deps.kv.get(key))?.value as T | undefined;
  }

  #forgetAllBut(open: ReadonlySet<string | undefined>): void {
    for (const id of [...this.#lost.keys(), ...this.#told]) {
      if (open.has(id)) continue;
      this.#lost.delete(id);
      this.#told.delete(id);
    }
  }
}
