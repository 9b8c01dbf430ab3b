import { domainErrorOf } from '@windlass/resources/errors';
import { databaseEntity, hostEntity } from '@windlass/resources/entity';
import { databaseRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { removalRecords, type RemovalRecord } from '@windlass/resources/platform/records';
import { Mirror } from '@windlass/resources/store';
import {
  taskOf,
  outboxEntries,
  ownsAtOnce,
  readHeld,
  taskRecords,
  isTerminal,
  type CancelEntry,
  type OutboxEntry,
  type TaskRef,
  type TaskRecord,
} from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { deliverCancel } from './cancel-task.ts';
import { endTask } from './end-task.ts';
import { OwningTasks } from './owning-tasks.ts';
import { KEPT, Retention, type Kept } from './retention.ts';
import { startTask } from './start-task.ts';

const INTERVAL_MS = 1000;
/** While a forced delete waits for the run it takes over from to end. */
const TAKEOVER_INTERVAL_MS = 200;

/**
 * Starts workflows whose start was lost, repeats cancels that did not arrive, and ends tasks whose workflow is gone,
 * so that nothing stays open for ever; forgets what is old. Several servers may sweep at once.
 */
export class Sweeper {
  readonly #deps: ServerDeps;
  readonly #onError: (err: unknown) => void;
  readonly #owning: OwningTasks;
  readonly #retention: Retention;
  readonly #databases: Mirror<DatabaseRecord, [databaseId: string]>;
  readonly #removals: Mirror<RemovalRecord, [hostId: string]>;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;

  constructor(deps: ServerDeps, onError: (err: unknown) => void, kept: Kept = KEPT) {
    this.#deps = deps;
    this.#databases = new Mirror(deps.kv, databaseRecords, onError);
    this.#removals = new Mirror(deps.kv, removalRecords, onError);
    this.#retention = new Retention(deps, kept);
    this.#owning = new OwningTasks(deps);
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
    for (const mirror of [this.#databases, this.#removals]) void mirror.close().catch(this.#onError);
  }

  /** One round; true when a takeover waits. Rejects when etcd or Temporal is away: the next round tries again. */
  async sweep(): Promise<boolean> {
    let taking = false;
    for (const { key, value } of await this.#deps.kv.list(outboxEntries.under()))
      await this.#attempt(async () => {
        const entry = outboxEntries.parse(value, key);
        taking ||= 'supersedes' in entry && entry.supersedes !== undefined;
        await this.#tell(entry);
      });
    const databases = await this.#databases.rows();
    const open = [...databases.flatMap(({ value }) => ownerOf(value)), ...(await this.#openRemovals())];
    for (const task of open) await this.#attempt(() => this.#owning.check(task));
    this.#owning.forgetAllBut(open);
    await this.#attempt(() => this.#retention.round(databases));
    return taking;
  }

  async #openRemovals(): Promise<TaskRef[]> {
    return (await this.#removals.rows()).map(({ value: { hostId, taskId } }) => taskOf(hostEntity(hostId), taskId));
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

  async #tell(entry: OutboxEntry | CancelEntry): Promise<void> {
    const { kv } = this.#deps;
    const { entity, taskId } = entry;
    const [held, found] = await Promise.all([
      readHeld(kv, { scope: entity.kind, entityId: entity.id }),
      taskRecords.get(kv, entity.kind, entity.id, taskId),
    ]);
    const task = found?.value;
    if (!task || isTerminal(task)) await kv.commit([], [outboxEntries.remove(taskId)]);
    else if (!held.exists || (ownsAtOnce(task) && held.owner !== taskId)) await endTask(this.#deps, task, 'canceled');
    else if ('cancel' in entry || task.status === 'canceling') await deliverCancel(this.#deps, task);
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
}

const ownerOf = ({ id, openTaskId }: DatabaseRecord): TaskRef[] =>
  openTaskId === undefined ? [] : [taskOf(databaseEntity(id), openTaskId)];
