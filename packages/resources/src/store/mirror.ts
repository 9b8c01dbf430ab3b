import type { Collection, Row, Unreadable } from './collection.ts';
import type { Kv, KvChange } from './kv.ts';

/** After so long everything is read once more, should a watch ever have lost something. */
const READ_AGAIN_MS = 60_000;

/**
 * The records of a collection as a watch tells them: who looks at all of them every second reads them once. What it gives may
 * be a moment old, so whoever acts on it has to expect the revision. Records that cannot be read are left out and told.
 */
export class Mirror<T, Id extends readonly string[]> {
  readonly #kv: Kv;
  readonly #collection: Collection<T, Id>;
  readonly #unreadable: Unreadable;
  readonly #rows = new Map<string, Row<T, Id>>();
  /** Keys that went while the rows were read. */
  readonly #gone = new Set<string>();
  #watch: Promise<{ close(): Promise<void> }> | undefined;
  #readAt: number | undefined;

  constructor(kv: Kv, collection: Collection<T, Id>, unreadable: Unreadable) {
    this.#kv = kv;
    this.#collection = collection;
    this.#unreadable = unreadable;
  }

  /** Every row, in no order. The first call opens the watch; rejects as the store does while they cannot be read. */
  async rows(): Promise<readonly Row<T, Id>[]> {
    await this.#watching();
    if (this.#readAt === undefined || performance.now() - this.#readAt > READ_AGAIN_MS) await this.#read();
    return [...this.#rows.values()];
  }

  async close(): Promise<void> {
    await (await this.#watch)?.close();
  }

  async #watching(): Promise<void> {
    this.#watch ??= this.#kv.watch(
      `${this.#collection.prefix}/`,
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
      for (const found of await this.#kv.list(`${this.#collection.prefix}/`)) {
        const known = this.#rows.get(found.key);
        if (this.#gone.has(found.key) || (known && known.revision >= found.revision)) before.delete(found.key);
        else if (this.#keep(found)) before.delete(found.key);
      }
      for (const key of before) this.#rows.delete(key);
    } catch (err) {
      this.#readAt = undefined;
      throw err;
    }
  }

  #note(change: KvChange): void {
    const kept = !change.deleted && this.#keep(change);
    if (!kept) this.#rows.delete(change.key);
    if (change.deleted) this.#gone.add(change.key);
    else this.#gone.delete(change.key);
  }

  #keep(found: Omit<KvChange, 'deleted'>): boolean {
    const row = this.#collection.row(found, this.#unreadable);
    if (row) this.#rows.set(row.key, row);
    return row !== undefined;
  }
}
