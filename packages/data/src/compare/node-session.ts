import type pg from 'pg';
import { asStatements, clientOf, nodeOf, readOrigins, TEXT_SETTINGS, type Origins } from '../sql/index.ts';

/** A node whose tables are compared. */
export interface ComparedNode {
  readonly number: number;
  readonly name: string;
  /** Where and as whom: a role that may read every table past row level security. */
  readonly connection: pg.ClientConfig;
}

const SETTINGS = asStatements({
  ...TEXT_SETTINGS,
  ...{ client_encoding: 'UTF8', quote_all_identifiers: 'off', row_security: 'off' },
  ...{ default_transaction_isolation: 'read committed', default_transaction_read_only: 'off' },
  ...{ enable_seqscan: 'off', jit: 'off', max_parallel_workers_per_gather: '0' },
  ...{ lock_timeout: '30s', statement_timeout: '0', client_connection_check_interval: '1s' },
  ...{ idle_session_timeout: '0', idle_in_transaction_session_timeout: '0' },
});

interface Facts {
  readonly versions: boolean;
  readonly tombstones: boolean;
}

const FACTS = `SELECT current_setting('track_commit_timestamp') = 'on' AS versions,
  to_regclass('windlass.tombstone') IS NOT NULL AS tombstones`;

/** Microseconds since 1970. */
export const micros = (time: string): string => `(extract(epoch FROM ${time}) * 1000000)::bigint::text`;

type Signal = AbortSignal | undefined;

/** A session with a node, in which the same value has the same text as on every other node. */
export class NodeSession {
  readonly node: ComparedNode;
  readonly #client: pg.Client;
  readonly #signal: Signal;
  readonly #facts: Facts;
  readonly #origins: Origins;

  private constructor(client: pg.Client, its: { node: ComparedNode; signal: Signal; facts: Facts; origins: Origins }) {
    this.node = its.node;
    this.#client = client;
    this.#signal = its.signal;
    this.#facts = its.facts;
    this.#origins = its.origins;
  }

  static async open(node: ComparedNode, signal?: AbortSignal): Promise<NodeSession> {
    signal?.throwIfAborted();
    const client = clientOf({ application_name: 'windlass compare', ...node.connection }, signal);
    try {
      await client.connect();
      await client.query(SETTINGS);
      const [facts = { versions: false, tombstones: false }] = (await client.query<Facts>(FACTS)).rows;
      return new NodeSession(client, { node, signal, facts, origins: await readOrigins(client, node.number) });
    } catch (err) {
      await client.end().catch(() => undefined);
      signal?.throwIfAborted();
      throw err;
    }
  }

  /** True when Postgres keeps commit times. */
  get hasVersions(): boolean {
    return this.#facts.versions;
  }

  get hasTombstones(): boolean {
    return this.#facts.tombstones;
  }

  async rows<T extends object>(sql: string, values: readonly unknown[] = []): Promise<readonly T[]> {
    this.#signal?.throwIfAborted();
    try {
      return (await this.#client.query<T>(sql, [...values])).rows;
    } catch (err) {
      this.#signal?.throwIfAborted();
      throw err;
    }
  }

  /** The number of the node whose transaction it is. `of`: a row of `pg_xact_commit_timestamp_origin`. */
  nodeOf(of: string): string {
    return nodeOf(this.#origins, of);
  }

  /** The version of row `t` as text; the same for the same version on every node. */
  get versionText(): string {
    return `coalesce((SELECT ${micros('v."timestamp"')} || '/' || ${this.nodeOf('v')}
      FROM pg_xact_commit_timestamp_origin(t.xmin) v), 'old')`;
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}
