import pg from 'pg';
import type { ClientIdentity } from '../../platform/clients/secure-context.ts';

/** Seconds after which a session is renewed: that new ones are accepted is part of what is asked. */
const LIFETIME_S = 10;
const ignore = (): void => undefined;

interface Kept {
  readonly identity: ClientIdentity;
  readonly pool: pg.Pool;
}

/**
 * Sessions that stay open for the next question: who asks an instance every few seconds spends most of it on the TLS
 * handshake, at both ends. Whatever goes wrong in a session closes it.
 */
export class PostgresPools {
  readonly #pools = new Map<string, Kept>();
  readonly #listeners = new Set<(address: string) => void>();

  onLost(listener: (address: string) => void): () => void {
    this.#listeners.add(listener);
    return () => void this.#listeners.delete(listener);
  }

  async session<T>(
    open: () => Promise<pg.PoolClient>,
    signal: AbortSignal | undefined,
    work: (client: pg.ClientBase) => Promise<T>,
  ): Promise<T> {
    const client = await open();
    let isOpen = true;
    const release = (broken: boolean): void => {
      if (isOpen) client.release(broken);
      isOpen = false;
    };
    const abort = (): void => release(true);
    signal?.addEventListener('abort', abort, { once: true });
    try {
      signal?.throwIfAborted();
      const result = await work(client);
      release(false);
      return result;
    } finally {
      release(true);
      signal?.removeEventListener('abort', abort);
    }
  }

  async close(): Promise<void> {
    const kept = [...this.#pools.values()];
    this.#pools.clear();
    await Promise.all(kept.map(({ pool }) => pool.end()));
  }

  /** The session that is kept for these settings, or a new one, in its turn. */
  async connect(config: pg.ClientConfig, identity: ClientIdentity): Promise<pg.PoolClient> {
    const key = [config.host, config.database, config.user, config.options].join('/');
    const { pool } = this.#keptOf(key, config, identity);
    try {
      return await pool.connect();
    } catch (err) {
      this.#forgetUnused(key, pool);
      throw err;
    }
  }

  #keptOf(key: string, config: pg.ClientConfig, identity: ClientIdentity): Kept {
    const found = this.#pools.get(key);
    if (found?.identity === identity) return found;
    void found?.pool.end(); // its certificate was renewed
    const pool = new pg.Pool({
      ...config,
      max: 1,
      maxLifetimeSeconds: LIFETIME_S,
      idleTimeoutMillis: LIFETIME_S * 1000,
    });
    pool.on('error', () => {
      for (const listener of this.#listeners) listener(config.host ?? '');
    });
    pool.on('connect', (client) => client.on('error', ignore));
    pool.on('remove', () => this.#forgetUnused(key, pool));
    const kept = { identity, pool };
    this.#pools.set(key, kept);
    return kept;
  }

  #forgetUnused(key: string, pool: pg.Pool): void {
    if (pool.totalCount + pool.waitingCount === 0 && this.#pools.get(key)?.pool === pool) this.#pools.delete(key);
  }
}
