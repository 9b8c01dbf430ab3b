import type { Clients } from '@windlass/resources/postgres/clients';
import { foreignStatuses, removeRecords, type AnyResource, type PresentForm } from '@windlass/resources/engine';
import { leftBy } from '@windlass/resources/entity';
import { leftoverRecords, type Leftovers } from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';
import type { Logger } from 'pino';
import { unreadableTo } from '@windlass/resources/watcher';

/** What could not be removed is tried again after this long. */
const RETRY_MS = 10_000;

interface Deps {
  readonly kv: Kv;
  readonly clients: Clients;
  kind(name: string): AnyResource<Clients>;
  present: PresentForm;
}

/** Removes what databases left on this host that were deleted while it was away. */
export class LeftoverRemover {
  readonly #deps: Deps;
  readonly #log: Logger;
  readonly #stop = new AbortController();
  #watch: { close(): Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: Deps, log: Logger) {
    this.#deps = deps;
    this.#log = log;
  }

  async start(): Promise<void> {
    const look = (): void => this.#look();
    this.#watch = await this.#deps.kv.watch(leftoverRecords.under(this.#deps.clients.host.hostId), look, look);
    this.#look();
  }

  async stop(): Promise<void> {
    clearTimeout(this.#timer);
    this.#stop.abort();
    await this.#watch?.close();
    await this.settled();
  }

  /** Resolves when the looks that were begun have ended. */
  settled(): Promise<void> {
    return this.#work;
  }

  #look(): void {
    clearTimeout(this.#timer);
    this.#work = this.#work.then(() => this.#removeAll());
  }

  async #removeAll(): Promise<void> {
    const unreadable = unreadableTo(this.#log);
    try {
      const found = await leftoverRecords.list(this.#deps.kv, [this.#deps.clients.host.hostId], { unreadable });
      for (const { id, value } of found) await this.#remove(id, value);
    } catch (err) {
      if (this.#stop.signal.aborted) return;
      this.#log.warn({ err }, 'leftovers of a deleted database could not be removed; trying again');
      this.#timer = setTimeout(() => this.#look(), RETRY_MS);
    }
  }

  async #remove(
    id: readonly [hostId: string, databaseId: string],
    { databaseId, tenantId, ...left }: Leftovers,
  ): Promise<void> {
    const records = left.records.map((record) => this.#deps.present(databaseId, record));
    const run = { signal: this.#stop.signal, progress: () => undefined };
    const remover = { ...this.#deps, foreign: await foreignStatuses(this.#deps.kv, records) };
    await removeRecords(remover, { entity: leftBy({ databaseId }), tenantId }, records, run);
    await this.#deps.kv.commit([], [leftoverRecords.remove(...id)]);
    this.#log.info({ databaseId, count: records.length }, 'removed what a deleted database had left here');
  }
}
