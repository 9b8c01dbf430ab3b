import type { Kv, KvChange, Versioned } from './kv.ts';

export type MirroredRow<T> = Versioned<T> & { readonly key: string };

/** After so long everything is read once more, should a watch ever have lost something. */
const READ_AGAIN_MS = 60_000;

/**
 * The rows of a prefix as a watch tells them: who looks at all of them every second reads them once. What it gives may be a
 * moment old, so whoever acts on it has to expect the revision.
 */
export class Mirror<T> {
  readonly #kv: Kv;
  readonly #prefix: string;
  readonly #rows = new Map<string, MirroredRow<T>>();
  /** Keys that went while the rows were read. */
  readonly #gone = new Set<string>();
  #watch: Promise<{ close(): Promise<void> }> | undefined;
  #readAt: number | undefined;

  constructor(kv: Kv, prefix: string) {
    this.#kv = kv;
    this.#prefix = prefix;
  }

  /** Every row, in no order. The first call opens the watch; rejects as the store does while they cannot be read. */
  async rows(): Promise<readonly MirroredRow<T>[]> {
    await this.#watching();
    if (this.#readAt === undefined || performance.now() - this.#readAt > READ_AGAIN_MS) await this.#read();
    return [...this.#rows.values()];
  }

  async close(): Promise<void> {
    await (await this.#watch)?.close();
  }

  async #watching(): Promise<void> {
    this.#watch ??= this.#kv.watch(
      this.#prefix,
      (change) => this.#note(change),
      () => void (this.#readAt = undefined),
    );
    try {
      await this.#watch;
    } catch (err) {
      this.#watch = undefined;
      throw err;
    }
  }

  async #read(): Promise<void> {
    const begun = performance.now();
    this.#readAt = begun; // a break of the watch from here on asks for another read
    this.#gone.clear();
    try {
      const before = new Set(this.#rows.keys());
      const found = (await this.#kv.list(this.#prefix)) as readonly MirroredRow<T>[];
      for (const row of found) {
        before.delete(row.key);
        const known = this.#rows.get(row.key);
        if (!this.#gone.has(row.key) && (known === undefined || known.revision < row.revision))
          this.#rows.set(row.key, row);
      }
      for (const key of before) this.#rows.delete(key);
    } catch (err) {
      this.#readAt = undefined;
      throw err;
    }
  }

  #note({ key, value, deleted, revision }: KvChange): void {
    if (deleted) {
      this.#rows.delete(key);
      this.#gone.add(key);
    } else {
      this.#rows.set(key, { key, value: value as T, revision });
      this.#gone.delete(key);
    }
  }
}
