import type { Etcd3, Lease } from 'etcd3';
import { DomainError } from '../errors/index.ts';
import { OUR_PREFIX } from './etcd.ts';
import { reach } from './etcd-errors.ts';

/**
 * etcd's shortest. It forgets the key 2 to 2.5 s after the last renewal; there is one every 0.7 s, and they cost it no
 * write. So a death is known within 3 s, and a process that stands still for a second is not taken for dead.
 */
const TTL_SECONDS = 2;
const AGAIN_AFTER_MS = 250;

/** A key that is there while the worker of a host lives, and goes by itself when it does not. */
export class Heartbeat {
  readonly #client: Etcd3;
  readonly #key: string;
  readonly #onError: (err: unknown) => void;
  #lease: Lease | undefined;
  #again: NodeJS.Timeout | undefined;
  #stopped = false;

  /** `key`: as a collection makes it. */
  constructor(client: Etcd3, key: string, onError: (err: unknown) => void) {
    this.#client = client;
    this.#key = OUR_PREFIX + key;
    this.#onError = onError;
  }

  /** False when this account may not have one: it is older than heartbeats. Rejects when etcd cannot be reached. */
  async start(): Promise<boolean> {
    try {
      await this.#begin();
      return true;
    } catch (err) {
      if (err instanceof DomainError && err.code === 'not_a_member') return false;
      throw err;
    }
  }

  /** The key goes at once, unless etcd does not answer: then by itself. */
  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#again);
    await this.#lease?.revoke().catch(() => undefined);
  }

  async #begin(): Promise<void> {
    const lease = this.#client.lease(TTL_SECONDS);
    // While etcd was away, or this process stood still, the lease may have run out: then there is a new one.
    lease.on('lost', () => this.#lease === lease && this.#beginAgain());
    try {
      await reach(() =>
        lease
          .put(this.#key)
          .value(JSON.stringify({ pid: process.pid }))
          .exec(),
      );
    } catch (err) {
      lease.release();
      throw err;
    }
    this.#lease = lease;
    if (this.#stopped) await lease.revoke();
    else if (lease.revoked()) this.#beginAgain();
  }

  #beginAgain(): void {
    if (this.#stopped) return;
    this.#begin().catch((err: unknown) => {
      this.#onError(err);
      if (!this.#stopped) this.#again = setTimeout(() => this.#beginAgain(), AGAIN_AFTER_MS);
    });
  }
}
