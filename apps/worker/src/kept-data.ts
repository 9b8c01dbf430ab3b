import { removeDataDirectory, restorePaths, type TablespaceFiles } from '@windlass/resources/restore';
import { keys, type DatabaseRecord, type Kv, type SwapRecord } from '@windlass/resources/store';
import type { Logger } from 'pino';

const LOOK_EVERY_MS = 30_000;

interface Deps {
  readonly kv: Kv;
  readonly clients: { readonly host: { readonly hostId: string }; readonly files: TablespaceFiles };
}

/** Removes what instances of this host ran with before a restore, once nobody can ask for it any more. */
export class KeptDataRemover {
  readonly #deps: Deps;
  readonly #log: Logger;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: Deps, log: Logger, now: () => number = Date.now) {
    this.#deps = deps;
    this.#log = log;
    this.#now = now;
  }

  start(): void {
    const round = (): void => {
      this.#work = this.look()
        .catch((err: unknown) =>
          this.#log.warn({ err }, 'data kept after a restore could not be removed; trying again'),
        )
        .then(() => void (this.#timer = setTimeout(round, LOOK_EVERY_MS)));
    };
    round();
  }

  async stop(): Promise<void> {
    await this.#work;
    clearTimeout(this.#timer);
  }

  /** One round over the records of this host. */
  async look(): Promise<void> {
    const { kv, clients } = this.#deps;
    for (const { key, value, revision } of await kv.list(keys.swaps())) {
      const swap = value as SwapRecord;
      if (swap.hostId !== clients.host.hostId) continue;
      if (swap.data === 'expiring') await this.#remove(key, swap, revision);
      if (swap.data !== 'kept' || Date.parse(swap.until) > this.#now()) continue;
      const marked = await this.#mark(key, swap, revision);
      if (marked !== undefined) await this.#remove(key, swap, marked);
    }
  }

  /** From here on it cannot be put back. A task that owns the database may be doing just that: then it is left alone. */
  async #mark(key: string, swap: SwapRecord, revision: number): Promise<number | undefined> {
    const { kv } = this.#deps;
    const database = await kv.get(keys.database(swap.databaseId));
    if ((database?.value as DatabaseRecord | undefined)?.openTaskId !== undefined) return undefined;
    const expect = [
      { key, revision },
      { key: keys.database(swap.databaseId), revision: database?.revision ?? 0 },
    ];
    const done = await kv.commit(expect, [{ put: key, value: { ...swap, data: 'expiring' } }]);
    return done === false ? undefined : done;
  }

  async #remove(key: string, swap: SwapRecord, revision: number): Promise<void> {
    const { kv, clients } = this.#deps;
    const { before: directory } = restorePaths({ instanceId: swap.instanceId, key: swap.taskId });
    await removeDataDirectory(clients.files, { instanceId: swap.instanceId, directory });
    await kv.commit([{ key, revision }], [{ put: key, value: { ...swap, data: 'gone' } }]);
    const { databaseId, instanceId, until } = swap;
    this.#log.info({ databaseId, instanceId, until }, 'removed the data that was kept after a restore');
  }
}
