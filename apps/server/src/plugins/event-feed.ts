import type { InstanceStatus, Kv, KvChange, ScheduleRun, TaskRecord } from '@windlass/resources/store';
import { toApiTask, wireTime } from '../tasks/read-tasks.ts';

/** What is written again although nothing changed: what it was when the first listener came is no event. */
const REPEATED = ['instance-status/', 'backup-schedules/'] as const;
const PREFIXES = ['tasks/', 'instance-status/', 'backup-schedules/'] as const;
/** So many keys are remembered to tell a change from a repetition; the oldest are forgotten first. */
const REMEMBERED = 10_000;

type Listener = (text: string) => void;

interface Watch {
  close(): Promise<void>;
}

/**
 * Turns changes of tasks and instances in the store into server-sent events, one for each change that can be seen. It hears
 * of them only while somebody listens: workers write the status of every instance each five seconds.
 */
export class EventFeed {
  readonly #listeners = new Set<Listener>();
  readonly #last = new Map<string, string>();
  readonly #kv: Kv;
  readonly #onError: (err: unknown) => void;
  #watches: Promise<readonly Watch[]> | undefined;

  constructor(kv: Kv, onError: (err: unknown) => void) {
    this.#kv = kv;
    this.#onError = onError;
  }

  /** Resolves when changes are heard of, with the way to unsubscribe. */
  async subscribe(listener: Listener): Promise<() => Promise<void>> {
    this.#listeners.add(listener);
    this.#watches ??= this.#open();
    await this.#watches.catch((err: unknown) => {
      this.#watches = undefined;
      this.#onError(err);
    });
    return async () => {
      this.#listeners.delete(listener);
      if (this.#listeners.size === 0) await this.close().catch(this.#onError);
    };
  }

  async close(): Promise<void> {
    const watches = this.#watches;
    this.#watches = undefined;
    this.#last.clear();
    for (const watch of (await watches) ?? []) await watch.close();
  }

  async #open(): Promise<readonly Watch[]> {
    const watches = PREFIXES.map((prefix) =>
      this.#kv.watch(
        prefix,
        (change) => this.#emit(change),
        () => void this.#catchUp(prefix),
      ),
    );
    const opened = await Promise.all(watches);
    await Promise.all(REPEATED.map((prefix) => this.#learn(prefix))).catch(this.#onError);
    return opened;
  }

  /** What is there already; a change that came meanwhile is newer. */
  async #learn(prefix: string): Promise<void> {
    for (const row of await this.#kv.list(prefix)) {
      const change = { ...row, deleted: false };
      const event = this.#last.has(row.key) ? undefined : toEvent(change, undefined);
      if (event !== undefined) this.#remember(change, event);
    }
  }

  /** After a break: what was missed is read from the store. */
  async #catchUp(prefix: string): Promise<void> {
    try {
      for (const row of await this.#kv.list(prefix)) this.#emit({ ...row, deleted: false });
    } catch (err) {
      this.#onError(err);
    }
  }

  #emit(change: KvChange): void {
    try {
      const event = toEvent(change, this.#last.get(change.key));
      if (event === undefined || this.#last.get(change.key) === event) return;
      this.#remember(change, event);
      for (const listener of this.#listeners) listener(event);
    } catch (err) {
      this.#onError(err);
    }
  }

  #remember({ key, deleted }: KvChange, event: string): void {
    this.#last.delete(key);
    if (!deleted) this.#last.set(key, event);
    const oldest = this.#last.keys().next().value;
    if (this.#last.size > REMEMBERED && oldest !== undefined) this.#last.delete(oldest);
  }
}

function toEvent({ key, value, deleted }: KvChange, last: string | undefined): string | undefined {
  if (key.startsWith('tasks/')) return deleted ? undefined : eventText('task', toApiTask(value as TaskRecord));
  if (key.startsWith('backup-schedules/'))
    return deleted ? undefined : eventText('backup_schedule', scheduleEvent(value as ScheduleRun));
  if (!deleted) return eventText('instance', instanceEvent(value as InstanceStatus));
  const [, databaseId, id] = key.split('/');
  return last === undefined ? undefined : eventText('instance', { id, database_id: databaseId, deleted: true });
}

const eventText = (name: string, data: unknown): string => `event: ${name}\ndata: ${JSON.stringify(data)}\n\n`;

const scheduleEvent = ({ databaseId, nodeName, scheduleId, outcome, endedAt, taskId, error }: ScheduleRun) => ({
  id: scheduleId,
  database_id: databaseId,
  node_name: nodeName,
  outcome,
  ended_at: wireTime(endedAt),
  task_id: taskId,
  error,
});

const instanceEvent = ({ instanceId, databaseId, container, writable, role, error }: InstanceStatus) => ({
  id: instanceId,
  database_id: databaseId,
  container,
  writable,
  role,
  error,
});
