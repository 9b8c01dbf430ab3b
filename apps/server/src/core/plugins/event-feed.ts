import type { EntityRef } from '@windlass/resources/plan';
import type { Kv, KvChange } from '@windlass/resources/store';
import type { EventSource } from './event-source.ts';

/** So many keys are remembered to tell a change from a repetition; the oldest are forgotten first. */
const REMEMBERED = 10_000;

export interface FeedEvent {
  readonly text: string;
  readonly entity: EntityRef;
}

type Listener = (event: FeedEvent) => void;

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
  readonly #sources: readonly EventSource[];
  readonly #onError: (err: unknown) => void;
  #watches: Promise<readonly Watch[]> | undefined;

  constructor(kv: Kv, sources: readonly EventSource[], onError: (err: unknown) => void) {
    this.#kv = kv;
    this.#sources = sources;
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
    const watches = this.#sources.map((source) =>
      this.#kv.watch(
        source.prefix,
        (change) => this.#emit(source, change),
        () => void this.#catchUp(source),
      ),
    );
    const opened = await Promise.all(watches);
    const repeated = this.#sources.filter((source) => source.repeated);
    await Promise.all(repeated.map((source) => this.#learn(source))).catch(this.#onError);
    return opened;
  }

  /** What is there already; a change that came meanwhile is newer. */
  async #learn(source: EventSource): Promise<void> {
    for (const row of await this.#kv.list(source.prefix)) {
      const change = { ...row, deleted: false };
      const event = this.#last.has(row.key) ? undefined : this.#eventOf(source, change);
      if (event !== undefined) this.#remember(change, event);
    }
  }

  /** After a break: what was missed is read from the store. */
  async #catchUp(source: EventSource): Promise<void> {
    try {
      for (const row of await this.#kv.list(source.prefix)) this.#emit(source, { ...row, deleted: false });
    } catch (err) {
      this.#onError(err);
    }
  }

  #emit(source: EventSource, change: KvChange): void {
    const last = this.#last.get(change.key);
    const event = this.#eventOf(source, change, last);
    if (event === undefined || last === event) return;
    this.#remember(change, event);
    for (const listener of this.#listeners) listener({ text: event, entity: source.entityOf(change.key) });
  }

  /** Undefined for what is no event, and for what cannot be read: that is told, and stops no other. */
  #eventOf(source: EventSource, change: KvChange, last?: string): string | undefined {
    try {
      return source.toEvent(change, last);
    } catch (err) {
      this.#onError(err);
      return undefined;
    }
  }

  #remember({ key, deleted }: KvChange, event: string): void {
    this.#last.delete(key);
    if (!deleted) this.#last.set(key, event);
    const oldest = this.#last.keys().next().value;
    if (this.#last.size > REMEMBERED && oldest !== undefined) this.#last.delete(oldest);
  }
}
