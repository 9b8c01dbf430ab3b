import { keys } from './keys.ts';
import type { Kv, KvWrite } from './kv.ts';

/** Longer than one transaction may take, which is when it is renewed; who dies is followed after so long. */
const TTL_SECONDS = 15;

/** What was read and must still be so. */
export type Expected = readonly { readonly key: string; readonly revision: number }[];

/** The lock was lost: somebody else goes on with the work. */
export class LockLostError extends Error {
  override readonly name = 'LockLostError';

  constructor() {
    super('the lock on the store was lost');
  }
}

/**
 * Held by one process at a time while it changes the store. Every transaction that is made under it renews it and expects that it
 * is still held, so that a process that stood still for too long can write nothing any more.
 */
export class StoreLock {
  readonly #kv: Kv;
  readonly #holder: object;
  readonly #ttlSeconds: number;
  #revision: number;

  private constructor(kv: Kv, holder: object, ttlSeconds: number, revision: number) {
    this.#kv = kv;
    this.#holder = holder;
    this.#ttlSeconds = ttlSeconds;
    this.#revision = revision;
  }

  /** Undefined while somebody else holds it. */
  static async take(kv: Kv, holder: object, ttlSeconds = TTL_SECONDS): Promise<StoreLock | undefined> {
    const put = { put: keys.schemaLock, value: holder, ttlSeconds };
    const revision = await kv.commit([{ key: keys.schemaLock, revision: 0 }], [put]);
    return revision === false ? undefined : new StoreLock(kv, holder, ttlSeconds, revision);
  }

  /** False when what is expected is not so any more. Rejects with `LockLostError`. */
  async commit(expect: Expected, writes: readonly KvWrite[]): Promise<boolean> {
    const held = { key: keys.schemaLock, revision: this.#revision };
    const renewed = { put: keys.schemaLock, value: this.#holder, ttlSeconds: this.#ttlSeconds };
    const revision = await this.#kv.commit([held, ...expect], [renewed, ...writes]);
    if (revision !== false) this.#revision = revision;
    else if ((await this.#kv.get(keys.schemaLock))?.revision !== this.#revision) throw new LockLostError();
    return revision !== false;
  }

  /** At once, unless etcd does not answer: then it runs out. */
  async release(): Promise<void> {
    const held = { key: keys.schemaLock, revision: this.#revision };
    await this.#kv.commit([held], [{ remove: keys.schemaLock }]).catch(() => undefined);
  }
}
