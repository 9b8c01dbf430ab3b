import { domainErrorOf } from '@windlass/resources/errors';
import {
  outboxEntries,
  ownsAtOnce,
  readHeld,
  taskOf,
  taskRecords,
  isTerminal,
  type CancelEntry,
  type OutboxEntry,
  type TaskRecord,
} from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { repeat } from '../repeat.ts';
import { deliverCancel } from './cancel-task.ts';
import { endTask } from './end-task.ts';
import { OwnedEntities } from './owned-entities.ts';
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
  readonly #owned: readonly OwnedEntities[];
  #stop = (): void => undefined;

  constructor(deps: ServerDeps, onError: (err: unknown) => void, kept: Kept = KEPT) {
    this.#deps = deps;
    this.#owned = deps.upkeep.map(({ kind }) => new OwnedEntities(deps.kv, kind, onError));
    this.#retention = new Retention(deps, kept);
    this.#owning = new OwningTasks(deps);
    this.#onError = onError;
  }

  start(): void {
    this.#stop = repeat(
      () => this.sweep(),
      (taking) => (taking === true ? TAKEOVER_INTERVAL_MS : INTERVAL_MS),
      this.#onError,
    );
  }

  stop(): void {
    this.#stop();
    for (const owned of this.#owned) void owned.close().catch(this.#onError);
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
    const owned = (await Promise.all(this.#owned.map((kind) => kind.all()))).flat();
    const open = owned.flatMap(({ entity, taskId }) => (taskId === undefined ? [] : [taskOf(entity, taskId)]));
    for (const task of open) await this.#attempt(() => this.#owning.check(task));
    this.#owning.forgetAllBut(open);
    await this.#attempt(() => this.#retention.round(owned));
    return taking;
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
