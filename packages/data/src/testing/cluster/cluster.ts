import pg from 'pg';
import { compare, type ComparedNode, type CompareReport } from '../../compare/index.ts';
import { RealPostgres } from '../real-postgres.ts';
import { until } from '../until.ts';
import { Link } from './link.ts';
import { TABLES, strideOf } from './load.ts';

export interface ClusterOptions {
  /** The major version of each node. */
  readonly majors: readonly number[];
  /** By how much the clock of each node is off, in ms. */
  readonly clocksOffMs?: readonly number[];
  /** How big the disk of each node is; absent or 0: as big as there is memory. */
  readonly disksMb?: readonly number[];
}

export interface CompareChoices {
  readonly withVersions?: boolean;
  /** How long a marker may take, in ms. */
  readonly drainMs?: number;
  readonly tables?: readonly string[];
}

/** One node: a server of its own, because origins belong to the server and not to a database. */
export interface ClusterNode {
  readonly number: number;
  readonly server: RealPostgres;
}

/** Real Postgres servers with a link from each to each other, and one database on all of them that begins empty. */
export class Cluster {
  readonly nodes: readonly ClusterNode[];
  readonly #links = new Map<string, Link>();
  #database = 0;
  #markers = 0;

  private constructor(nodes: readonly ClusterNode[]) {
    this.nodes = nodes;
  }

  static async start({ majors, clocksOffMs = [], disksMb = [] }: ClusterOptions): Promise<Cluster> {
    const servers = await Promise.all(
      majors.map((major, i) =>
        RealPostgres.start(major, { again: true, clockOffMs: clocksOffMs[i] ?? 0, diskMb: disksMb[i] ?? 0 }),
      ),
    );
    const cluster = new Cluster(servers.map((server, i) => ({ number: i + 1, server })));
    for (const [from, to] of cluster.pairs)
      cluster.#links.set(key(from, to), await Link.open(cluster.node(to).server.port));
    return cluster;
  }

  get database(): string {
    return `db${String(this.#database)}`;
  }

  /** Who connects to whom: each to each other. */
  get pairs(): readonly (readonly [from: number, to: number])[] {
    const numbers = this.nodes.map(({ number }) => number);
    return numbers.flatMap((from) => numbers.filter((to) => to !== from).map((to) => [from, to] as const));
  }

  node(number: number): ClusterNode {
    const node = this.nodes.find((one) => one.number === number);
    if (!node) throw new Error(`no node ${String(number)}`);
    return node;
  }

  /** How `from` reaches `to`. */
  link(from: number, to: number): Link {
    const link = this.#links.get(key(from, to));
    if (!link) throw new Error(`no link from ${String(from)} to ${String(to)}`);
    return link;
  }

  /** A new database on all nodes, with the tables of the load. */
  async begin(): Promise<void> {
    for (const { server } of this.nodes) await server.endSessions();
    this.#database += 1;
    await Promise.all(this.nodes.map(({ server }) => server.database()));
    await this.everywhere(({ number }) => `${TABLES} CREATE TABLE marker (id text PRIMARY KEY); ${strideOf(number)}`);
  }

  /** A connection to a node that no fault of a link is in the way of. */
  connection(number: number): pg.ClientConfig {
    const where = { host: '127.0.0.1', port: this.node(number).server.port };
    return { ...where, user: 'windlass', database: this.database, options: '-c search_path=public' };
  }

  async query(number: number, sql: string): Promise<readonly Record<string, unknown>[]> {
    const client = new pg.Client({ ...this.connection(number), connectionTimeoutMillis: 5000 });
    client.on('error', () => undefined);
    await client.connect();
    try {
      return (await client.query<Record<string, unknown>>(sql)).rows;
    } finally {
      await client.end();
    }
  }

  async everywhere(sql: (node: ClusterNode) => string): Promise<void> {
    await Promise.all(this.nodes.map((node) => this.query(node.number, sql(node))));
  }

  heal(): void {
    for (const link of this.#links.values()) link.heal();
  }

  /** Resolves when everything that was committed on any node before is applied on all: a row of each is everywhere. */
  async drained(timeoutMs = 60_000): Promise<void> {
    const end = performance.now() + timeoutMs;
    this.#markers += 1;
    const ids = this.nodes.map(({ number }) => `${String(this.#markers)}/n${String(number)}`);
    await Promise.all(
      this.nodes.map(({ number }, i) => this.query(number, `INSERT INTO marker VALUES ('${ids[i] ?? ''}')`)),
    );
    for (const { number } of this.nodes) await this.#has(number, ids, end - performance.now());
  }

  get comparedNodes(): readonly ComparedNode[] {
    return this.nodes.map(({ number }) => ({
      number,
      name: `n${String(number)}`,
      connection: this.connection(number),
    }));
  }

  compare({ drainMs, ...choices }: CompareChoices = {}): Promise<CompareReport> {
    return compare({ ...choices, nodes: this.comparedNodes, marker: () => this.drained(drainMs) });
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#links.values()].map((link) => link.close()));
    await Promise.all(this.nodes.map(({ server }) => server.stop()));
  }

  async #has(number: number, ids: readonly string[], ms: number): Promise<void> {
    let missing = ids;
    const hasAll = async (): Promise<boolean> => {
      const rows = await this.query(number, 'SELECT id FROM marker');
      missing = ids.filter((id) => !rows.some((row) => row['id'] === id));
      return missing.length === 0;
    };
    await until(hasAll, ms, () => `n${String(number)} has not received ${missing.join(', ')}`);
  }
}

const key = (from: number, to: number): string => `${String(from)}>${String(to)}`;
