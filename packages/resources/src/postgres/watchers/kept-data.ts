import { databaseRecords, swapRecords, type SwapRecord } from '../records/index.ts';
import { removeDataDirectory, restorePaths, type TablespaceFiles } from '../restore/index.ts';
import type { Kv, Row } from '../../store/index.ts';
import type { Log } from '../../watcher/log.ts';
import { unreadableTo } from '../../watcher/unreadable-to.ts';

type Swap = Row<SwapRecord, [databaseId: string, nodeName: string, taskId: string]>;

const LOOK_EVERY_MS = 30_000;

interface Deps {
  readonly kv: Kv;
  readonly clients: { readonly host: { readonly hostId: string }; readonly files: TablespaceFiles };
}

/** Removes what instances of this host ran with before a restore, once nobody can ask for it any more. */
export class KeptDataRemover {
  readonly #deps: Deps;
  readonly #log: Log;
  readonly #now: () => number;
  #timer: NodeJS.Timeout | undefined;
  #work: Promise<void> = Promise.resolve();

  constructor(deps: Deps, log: Log, now: () => number = Date.now) {
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
    for (const swap of await swapRecords.list(kv, [], { unreadable: unreadableTo(this.#log) })) {
      const { hostId, data, until } = swap.value;
      if (hostId !== clients.host.hostId) continue;
      if (data === 'expiring') await this.#remove(swap);
      if (data !== 'kept' || Date.parse(until) > this.#now()) continue;
      const revision = await this.#mark(swap);
      if (revision !== undefined) await this.#remove({ ...swap, revision });
    }
  }

  /** From here on it cannot be put back. A task that owns the database may be doing just that: then it is left alone. */
  async #mark({ key, id, value: swap, revision }: Swap): Promise<number | undefined> {
    const { kv } = this.#deps;
    const database = await databaseRecords.get(kv, swap.databaseId);
    if (database?.value.openTaskId !== undefined) return undefined;
    const expect = [
      { key, revision },
      { key: databaseRecords.key(swap.databaseId), revision: database?.revision ?? 0 },
    ];
    const done = await kv.commit(expect, [swapRecords.put({ ...swap, data: 'expiring' }, ...id)]);
    return done === false ? undefined : done;
  }

  async #remove({ key, id, value: swap, revision }: Swap): Promise<void> {
    const { kv, clients } = this.#deps;
    const { before: directory } = restorePaths({ instanceId: swap.instanceId, key: swap.taskId });
    await removeDataDirectory(clients.files, { instanceId: swap.instanceId, directory });
    await kv.commit([{ key, revision }], [swapRecords.put({ ...swap, data: 'gone' }, ...id)]);
    const { databaseId, instanceId, until } = swap;
    this.#log.info({ databaseId, instanceId, until }, 'removed the data that was kept after a restore');
  }
}
