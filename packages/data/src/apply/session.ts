import type pg from 'pg';
import { exchange, FORGET, Prepared, type Answer, type Step } from './exchange.ts';
import { versionSql, type VersionSql } from './sql/version-sql.ts';
import type { ApplierOptions } from './options.ts';
import { asOptions, clientOf, originOf, readOrigins, takeLock, TEXT_SETTINGS, type Origins } from '../sql/index.ts';

/** In both sessions. What is set here wins over what somebody set for a database or a role. */
const SETTINGS: Readonly<Record<string, string>> = {
  ...TEXT_SETTINGS,
  // Types of a temporary schema would come before those of Postgres.
  search_path: 'pg_catalog, pg_temp',
  default_transaction_isolation: 'read committed',
  default_transaction_read_only: 'off',
  statement_timeout: '0',
  // Who waits longer for a lock begins its transaction again.
  lock_timeout: '10000',
  idle_session_timeout: '0',
  idle_in_transaction_session_timeout: '0',
  session_replication_role: 'replica',
  row_security: 'off',
};
/** Statements must find rows by their keys whatever the planner was told of a table that was empty then. */
const APPLIER: Readonly<Record<string, string>> = {
  synchronous_commit: 'off',
  plan_cache_mode: 'force_generic_plan',
  enable_seqscan: 'off',
  enable_hashjoin: 'off',
  enable_mergejoin: 'off',
  enable_bitmapscan: 'off',
  jit: 'off',
  // A session that waits for a lock sees that we are gone.
  client_connection_check_interval: '500',
};

const NO_ORIGIN = {
  text: `SELECT pg_catalog.pg_replication_origin_session_reset() WHERE pg_catalog.pg_replication_origin_session_is_setup()`,
  values: [],
};

/** The session that applies. After an error it is renewed, or given up and opened again. */
export class ApplySession {
  readonly client: pg.Client;
  readonly versions: VersionSql;
  readonly #known: ReadonlySet<number>;
  #origin: number | undefined;
  readonly #prepared = new Prepared();

  private constructor(client: pg.Client, origins: Origins) {
    this.client = client;
    this.versions = versionSql(origins);
    this.#known = new Set(origins.nodes.values());
  }

  /** Waits until no other applier of this database is there, or the signal is aborted. */
  static async open(options: ApplierOptions, signal: AbortSignal): Promise<ApplySession> {
    const client = await connect(options, { ...SETTINGS, ...APPLIER }, 'windlass applier');
    try {
      await takeLock(client, 'apply', signal);
      return new ApplySession(client, await readOrigins(client, options.me));
    } catch (error) {
      await client.end();
      throw error;
    }
  }

  /** An origin was made that it does not know: it would take rows of that node for nobody's. */
  isOutdated = false;

  /** The origin of this node was there when it began. */
  knows(node: number): boolean {
    return this.#known.has(node);
  }

  /** The peer whose transactions are applied now, in the order in which statements are given. */
  get origin(): number | undefined {
    return this.#origin;
  }

  /** Statements after which what is written is that of this peer; undefined: of this node. */
  switchTo(peer: number | undefined): Step[] {
    const before = this.#origin;
    if (before === peer) return [];
    this.#origin = peer;
    const reset = { text: 'SELECT pg_catalog.pg_replication_origin_session_reset()', values: [] };
    const setup = { text: 'SELECT pg_catalog.pg_replication_origin_session_setup($1)', values: [originOf(peer ?? 0)] };
    return [...(before === undefined ? [] : [reset]), ...(peer === undefined ? [] : [setup])];
  }

  run(steps: readonly Step[]): Promise<readonly Answer[]> {
    return exchange(this.client, this.#prepared, steps);
  }

  /** Code of users has run in it: nothing in it has a name from then on, which takes longer. */
  get isExposed(): boolean {
    return this.#prepared.isExposed;
  }

  /** Between transactions: forgets prepared statements when they have become too many. */
  tidy(): Step[] {
    return this.#prepared.isFull ? [FORGET] : [];
  }

  /** After a statement that failed: as good as a new one. Throws where it is not. */
  async renew(): Promise<void> {
    this.#origin = undefined;
    this.#prepared.clear();
    await this.run([{ text: 'ROLLBACK', values: [] }, FORGET, NO_ORIGIN]);
  }

  /** Ends what is open. Resolves when the server has released what the session held, or the connection is gone. */
  async close(): Promise<void> {
    await this.client.end().catch(() => undefined);
  }
}

/** A session beside it, for questions: tables, clock, and what has to be safe. */
export function openSide(options: ApplierOptions): Promise<pg.Client> {
  return connect(options, { ...SETTINGS, synchronous_commit: 'on' }, 'windlass applier, questions');
}

async function connect(
  { own, signal }: ApplierOptions,
  settings: Readonly<Record<string, string>>,
  name: string,
): Promise<pg.Client> {
  signal?.throwIfAborted();
  const client = clientOf({ ...own, application_name: name, keepAlive: true, options: asOptions(settings) }, signal);
  await client.connect();
  return client;
}
