import pg from 'pg';
import { NODE_OF_ORIGIN } from '../sql/index.ts';

/** A node whose tables are compared. */
export interface ComparedNode {
  readonly number: number;
  readonly name: string;
  /** Where and as whom: a role that may read every table past row level security. */
  readonly connection: pg.ClientConfig;
}

/** What a text depends on in Postgres, besides the value. */
const SETTINGS = `SET search_path = ''; SET datestyle = 'ISO, MDY'; SET timezone = 'UTC'; SET intervalstyle = 'postgres';
  SET extra_float_digits = 3; SET bytea_output = 'hex'; SET lc_monetary = 'C'; SET client_encoding = 'UTF8';
  SET row_security = off; SET default_transaction_isolation = 'read committed'; SET default_transaction_read_only = off;
  SET enable_seqscan = off; SET jit = off; SET max_parallel_workers_per_gather = 0; SET lock_timeout = '30s';
  SET statement_timeout = 0; SET idle_session_timeout = 0; SET idle_in_transaction_session_timeout = 0;
  SET client_connection_check_interval = '1s'; SET quote_all_identifiers = off`;

interface Facts {
  readonly versions: boolean;
  readonly tombstones: boolean;
  readonly origins: readonly { readonly oid: number; readonly node: number }[];
  /** Of a node that began as a copy: what it has from before, with no origin, is of the node it was copied from. */
  readonly copied: readonly { readonly until: string; readonly node: number }[];
}

const FACTS = `SELECT current_setting('track_commit_timestamp') = 'on' AS versions,
  to_regclass('windlass.tombstone') IS NOT NULL AS tombstones, '[]'::json AS copied,
  (SELECT coalesce(json_agg(json_build_object('oid', roident::int, 'node', ${NODE_OF_ORIGIN})), '[]')
    FROM pg_catalog.pg_replication_origin WHERE ${NODE_OF_ORIGIN} IS NOT NULL) AS origins`;

const COPIED = `SELECT extract(epoch FROM until)::text AS until, node FROM windlass.copied ORDER BY copied.until`;

/** A session with a node, in which the same value has the same text as on every other node. */
export class NodeSession {
  readonly node: ComparedNode;
  readonly #client: pg.Client;
  readonly #signal: AbortSignal | undefined;
  readonly #onAbort = (): void => void this.close();
  #facts: Facts = { versions: false, tombstones: false, origins: [], copied: [] };

  private constructor(node: ComparedNode, client: pg.Client, signal: AbortSignal | undefined) {
    this.node = node;
    this.#client = client;
    this.#signal = signal;
  }

  static async open(node: ComparedNode, signal?: AbortSignal): Promise<NodeSession> {
    signal?.throwIfAborted();
    const client = new pg.Client({ application_name: 'windlass compare', ...node.connection });
    client.on('error', () => undefined);
    const session = new NodeSession(node, client, signal);
    signal?.addEventListener('abort', session.#onAbort);
    await session.#begin();
    return session;
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

  /** The number of the node an origin stands for; 0 for one that is no node's. `time`: when it was committed. */
  nodeOf(origin: string, time: string): string {
    const known = this.#facts.origins.map(({ oid, node }) => `WHEN ${String(oid)} THEN ${String(node)}`);
    return `CASE ${origin} WHEN 0 THEN ${this.#ownAt(time)} ${known.join(' ')} ELSE 0 END`;
  }

  #ownAt(time: string): string {
    const copied = this.#facts.copied.map(
      ({ until, node }) => `WHEN extract(epoch FROM ${time}) <= ${until} THEN ${String(node)}`,
    );
    const me = String(this.node.number);
    return copied.length === 0 ? me : `CASE ${copied.join(' ')} ELSE ${me} END`;
  }

  /** The version of row `t` as text; the same for the same version on every node. */
  get versionText(): string {
    return `coalesce((SELECT extract(epoch FROM v."timestamp")::text || '/' || ${this.nodeOf('v.roident', 'v."timestamp"')}
      FROM pg_xact_commit_timestamp_origin(t.xmin) v), 'old')`;
  }

  async close(): Promise<void> {
    this.#signal?.removeEventListener('abort', this.#onAbort);
    await this.#client.end().catch(() => undefined);
  }

  async #begin(): Promise<void> {
    try {
      await this.#client.connect();
      await this.#client.query(SETTINGS);
      const [facts] = await this.rows<Facts>(FACTS);
      if (!facts) return;
      const [found] = await this.rows<{ found: boolean }>(`SELECT to_regclass('windlass.copied') IS NOT NULL AS found`);
      this.#facts = { ...facts, copied: found?.found ? await this.rows<Facts['copied'][number]>(COPIED) : [] };
    } catch (err) {
      await this.close();
      this.#signal?.throwIfAborted();
      throw err;
    }
  }
}
