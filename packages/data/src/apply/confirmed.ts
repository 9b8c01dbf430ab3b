import type { Lsn } from '../source/postgres/index.ts';
import type { Side } from './side.ts';

/**
 * A commit of our own, which waits for the disk and for the standbys the database waits for. The appliers' commits do not wait; but they are before it in the
 * log, so they are safe when it is.
 */
const MAKE_SAFE = 'SELECT pg_catalog.pg_current_xact_id()';

/** How far everything of each peer is committed, and how far that is safe: only that may be confirmed to the peer. */
export class Confirmed {
  readonly #side: Side;
  readonly #committed = new Map<number, Lsn>();
  #safe: ReadonlyMap<number, Lsn> = new Map();
  #isRunning = false;
  #isDirty = false;
  readonly #timer: NodeJS.Timeout;

  constructor(side: Side, everyMs: number) {
    this.#side = side;
    this.#timer = setInterval(() => void this.#makeSafe(), everyMs);
  }

  of(peer: number): Lsn {
    return this.#safe.get(peer) ?? 0n;
  }

  /** In the order of the stream: up to here everything of the peer is committed. */
  commit(peer: number, lsn: Lsn): void {
    this.#committed.set(peer, lsn);
    this.#isDirty = true;
  }

  close(): void {
    clearInterval(this.#timer);
  }

  async #makeSafe(): Promise<void> {
    if (this.#isRunning || !this.#isDirty) return;
    this.#isRunning = true;
    this.#isDirty = false;
    const committed = new Map(this.#committed);
    try {
      await (await this.#side.client()).query(MAKE_SAFE);
      this.#safe = committed;
    } catch {
      // The database is away: what it has is not known. The next round asks again.
      this.#isDirty = true;
    }
    this.#isRunning = false;
  }
}
