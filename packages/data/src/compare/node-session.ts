import type pg from 'pg';
import {
  arrayText,
  asOwner,
  asStatements,
  clientOf,
  nodeOf,
  qualified,
  readOrigins,
  TEXT_SETTINGS,
  type Origins,
  type Read,
} from '../sql/index.ts';

/** A node whose tables are compared. */
export interface ComparedNode {
  readonly number: number;
  readonly name: string;
  /** Where and as whom: a role that may read every table past row level security. */
  readonly connection: pg.ClientConfig;
}

const SETTINGS = asStatements({
  ...TEXT_SETTINGS,
  // Types of a temporary schema would come before those of Postgres.
  search_path: 'pg_catalog, pg_temp',
  ...{ client_encoding: 'UTF8', quote_all_identifiers: 'off', row_security: 'off' },
  ...{ default_transaction_isolation: 'read committed', default_transaction_read_only: 'off' },
  ...{ enable_seqscan: 'off', jit: 'off', max_parallel_workers_per_gather: '0' },
  ...{ lock_timeout: '30s', statement_timeout: '0', client_connection_check_interval: '1s' },
  ...{ idle_session_timeout: '0', idle_in_transaction_session_timeout: '0' },
});

const WRITING = `RESET ALL; ${SETTINGS}; SET session_replication_role = 'replica'`;

type TableName = Parameters<typeof qualified>[0];

/** A value as Postgres reads it. */
function textOf(value: unknown): string | null {
  if (Array.isArray(value))
    return arrayText(value.map((one) => (one === null || one === undefined ? null : String(one))));
  return value === null || value === undefined ? null : String(value);
}

interface Facts {
  readonly versions: boolean;
  readonly tombstones: boolean;
  /** It is installed: what code of users runs is known. */
  readonly installed: boolean;
}

const FACTS = `SELECT current_setting('track_commit_timestamp') = 'on' AS versions,
  to_regclass('windlass.tombstone') IS NOT NULL AS tombstones, to_regprocedure('windlass.code_of(oid)') IS NOT NULL AS installed`;

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
      const [facts = { versions: false, tombstones: false, installed: false }] = (await client.query<Facts>(FACTS))
        .rows;
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

  /** Rows of a statement about a table of users and about nothing of ours: code that a user gave it runs with the rights of its owner. */
  async rowsOf<T extends object>(
    table: TableName,
    sql: string,
    values: readonly unknown[] = [],
  ): Promise<readonly T[]> {
    if (!this.#facts.installed) return this.rows<T>(sql, values);
    const found: T[] = [];
    await asOwner(this.#client, qualified(table), async (read) => {
      this.#signal?.throwIfAborted();
      const texts = await read(`SELECT pg_catalog.row_to_json(q)::text FROM (${sql}) q`, values.map(textOf));
      for (const text of texts) found.push(JSON.parse(text) as T);
    }).catch((err: unknown) => {
      this.#signal?.throwIfAborted();
      throw err;
    });
    return found;
  }

  /** Statements that change a table of users, in one transaction, each carried out in the same way; then what is of ours. Says how many rows it was. */
  async change(
    table: TableName,
    sql: string,
    values: readonly unknown[],
    ours?: readonly [sql: string, values: readonly unknown[]],
  ): Promise<number> {
    let done = 0;
    const use = async (read: Read): Promise<void> => {
      done = (await read(`WITH q AS (${sql}) SELECT 'done' FROM q`, values.map(textOf))).length;
      if (done > 0 && ours) await this.rows(...ours);
    };
    if (this.#facts.installed) {
      await asOwner(this.#client, qualified(table), use, 'commit').finally(() => this.#client.query(WRITING));
      return done;
    }
    await this.rows('BEGIN');
    await use(async (text, asked) => (await this.rows(text, asked)).map(() => '')).finally(() =>
      this.rows(done > 0 ? 'COMMIT' : 'ROLLBACK'),
    );
    return done;
  }

  /** From now on what is written fires no triggers of users. */
  async beginWriting(): Promise<void> {
    await this.rows(WRITING);
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

  /** SQL for the key as tombstones have it, of the JSON array of its values. */
  keyOf(relation: string, key: string): string {
    if (!this.#facts.installed) return key;
    return `windlass.key_of(${relation}, ARRAY(SELECT v.value FROM json_array_elements_text(${key}::json) WITH ORDINALITY v(value, n) ORDER BY v.n))`;
  }

  async close(): Promise<void> {
    await this.#client.end().catch(() => undefined);
  }
}
