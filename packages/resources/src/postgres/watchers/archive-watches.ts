import { watch, type FSWatcher } from 'node:fs';
import { stat } from 'node:fs/promises';
import path from 'node:path';

/** Postgres renames `<segment>.ready` when it has been archived. */
const DONE = /\.done$/;
/** Postgres tells what it archived a moment after it noted it. */
const AFTER_MS = 100;
/** Of a primary that archives many segments a second not each is told. */
const AT_MOST_EVERY_MS = 1000;

interface Watch {
  readonly inode: number;
  readonly watcher: FSWatcher;
}

/** Tells when an instance of this host has archived WAL, so that nobody has to wait for the next turn to see it. */
export class ArchiveWatches {
  readonly #dataOf: (instanceId: string) => string;
  readonly #onArchived: (instanceId: string) => void;
  readonly #watches = new Map<string, Watch>();
  readonly #due = new Map<string, NodeJS.Timeout>();
  readonly #told = new Map<string, number>();

  /** `dataOf`: the data directory of an instance on this host. */
  constructor(dataOf: (instanceId: string) => string, onArchived: (instanceId: string) => void) {
    this.#dataOf = dataOf;
    this.#onArchived = onArchived;
  }

  /** Watches an instance. To be repeated: a restore puts another directory in the place of its data. */
  async follow(id: string): Promise<void> {
    const directory = path.join(this.#dataOf(id), 'pg_wal/archive_status');
    const inode = await stat(directory).then(
      ({ ino }) => ino,
      () => undefined, // there is no data yet, or none any more
    );
    if (this.#watches.get(id)?.inode === inode) return;
    this.leave(id);
    if (inode === undefined) return;
    try {
      const watcher = watch(directory, (_event, name) => {
        if (name !== null && DONE.test(name)) this.#note(id);
      });
      watcher.on('error', () => this.leave(id)); // the turns go on without it
      this.#watches.set(id, { inode, watcher });
    } catch {
      // It has just gone.
    }
  }

  leave(id: string): void {
    this.#watches.get(id)?.watcher.close();
    clearTimeout(this.#due.get(id));
    for (const known of [this.#watches, this.#due, this.#told]) known.delete(id);
  }

  close(): void {
    for (const id of [...this.#watches.keys()]) this.leave(id);
  }

  #note(id: string): void {
    if (this.#due.has(id)) return;
    const wait = Math.max(AFTER_MS, (this.#told.get(id) ?? 0) + AT_MOST_EVERY_MS - Date.now());
    this.#due.set(
      id,
      setTimeout(() => {
        this.#due.delete(id);
        this.#told.set(id, Date.now());
        this.#onArchived(id);
      }, wait),
    );
  }
}
