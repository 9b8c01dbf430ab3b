import pg from 'pg';
import { openApplier, type Applier } from '../../apply/index.ts';
import { installNode } from '../../node/index.ts';
import { positionOf, type SourceEvent } from '../../source/postgres/index.ts';
import { readUntil, untilMark } from '../collect.ts';
import { withEventTriggers } from '../installed-databases.ts';
import { RealPostgres } from '../real-postgres.ts';
import { until } from '../until.ts';

/** For how long something may take to be so, in ms: less than a test may, so that it is said which one it was. */
const FLOW_MS = 60_000;

/** One node of a database of several: a server of its own, its applier, and a session of a user. */
export interface TestNode {
  readonly number: number;
  readonly server: RealPostgres;
  readonly database: string;
  readonly user: pg.Client;
  applier: Applier;
}

const named = (number: number): { number: number; name: string } => ({ number, name: `n${String(number)}` });

/** Several nodes whose streams flow only when a test says so. */
export class TestNodes {
  #servers: RealPostgres[] = [];
  #nodes: TestNode[] = [];
  readonly #count: number;
  #marks = 0;
  readonly #asked: pg.Client[] = [];
  readonly #streams = new Map<string, AsyncGenerator<readonly SourceEvent[], void>>();

  constructor(count: number) {
    this.#count = count;
  }

  async start(major: number): Promise<void> {
    this.#servers = await Promise.all(Array.from({ length: this.#count }, () => RealPostgres.start(major)));
  }

  /** On every server, beside all databases. */
  async asSuperuser(sql: string): Promise<void> {
    for (const server of this.#servers) await (await server.client('postgres')).query(sql);
  }

  async stop(): Promise<void> {
    await Promise.all(this.#servers.map((server) => server.stop()));
  }

  /** New databases with these tables, and appliers. */
  async begin(tables: string): Promise<void> {
    this.#nodes = await Promise.all(this.#servers.map((server, i) => this.#makeNode(i + 1, server, tables)));
    for (const node of this.#nodes) node.applier = await this.openApplier(node.number);
  }

  async #makeNode(number: number, server: RealPostgres, tables: string): Promise<TestNode> {
    const database = await server.database();
    const user = await withEventTriggers(await server.client(database));
    await installNode(user, { ...named(number), peers: this.#peersOf(number).map(named) });
    // What a test does to tables of one node is done there alone, unless it is about that.
    await user.query(`SET windlass.replicate_ddl = off; SET client_min_messages = warning`);
    await user.query(`${tables}; ALTER ROLE windlass_replicator LOGIN`);
    for (const peer of this.#peersOf(number)) {
      await user.query(
        `SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname = 'windlass_n${String(peer)}'`,
      );
      await user.query(`SELECT pg_replication_origin_create('windlass_n${String(peer)}')`);
      await user.query(`SELECT pg_create_logical_replication_slot('${database}_n${String(peer)}', 'pgoutput')`);
    }
    return { number, server, database, user, applier: undefined as unknown as Applier };
  }

  async end(): Promise<void> {
    this.#streams.clear();
    await Promise.all(this.#nodes.map(({ applier }) => applier.close()));
    await Promise.all(this.#asked.splice(0).map((client) => client.end()));
    await Promise.all(this.#nodes.map(({ server }) => server.endSessions()));
  }

  openApplier(number: number): Promise<Applier> {
    return openApplier({
      ...{ me: number, peers: this.#peersOf(number), own: this.#replicatorOf(number) },
      ask: async (peer) => {
        const client = new pg.Client(this.#replicatorOf(peer));
        client.on('error', () => undefined);
        await client.connect();
        this.#asked.push(client);
        return client;
      },
    });
  }

  /** As a replicator logs in: by no superuser. */
  #replicatorOf(number: number): pg.ClientConfig {
    const { server, database } = this.node(number);
    const settings = '-c default_transaction_read_only=on -c search_path=';
    return { host: '127.0.0.1', port: server.port, user: 'windlass_replicator', database, options: settings };
  }

  node(number: number): TestNode {
    const node = this.#nodes[number - 1];
    if (!node) throw new Error(`there is no node ${String(number)}`);
    return node;
  }

  /** A statement of a user. */
  async run(number: number, sql: string): Promise<void> {
    await this.node(number).user.query(sql);
  }

  /** The rows a statement gives, each as one text. */
  async rows(number: number, sql: string): Promise<string[]> {
    const { rows } = await this.node(number).user.query<{ t: string }>(
      `SELECT x::text AS t FROM (${sql}) x ORDER BY 1`,
    );
    return rows.map(({ t }) => t);
  }

  /** What has been committed on one node and not arrived at the other, up to now. */
  async eventsOf(from: number, to: number): Promise<SourceEvent[]> {
    const iterator = await this.#streamOf(from, to);
    const mark = `mark ${String((this.#marks += 1))}`;
    await this.node(from).user.query(`SELECT pg_logical_emit_message(false, $1, '')`, [mark]);
    const events = await readUntil({ [Symbol.asyncIterator]: () => iterator }, untilMark(mark));
    return events.filter((event) => event.kind !== 'message' || event.transactional);
  }

  /** One stream of each pair, until the test ends or begins it again. */
  async #streamOf(from: number, to: number): Promise<AsyncGenerator<readonly SourceEvent[], void>> {
    const name = `${String(from)}>${String(to)}`;
    const open = this.#streams.get(name);
    if (open) return open;
    const { server, database } = this.node(from);
    const session = await server.session(database);
    const start = {
      slot: `${database}_n${String(to)}`,
      publications: ['windlass'],
      messages: true,
      origin: 'none' as const,
    };
    const startLsn = await this.node(to).applier.progressOf(from);
    const stream = await session.startReplication({ ...start, startLsn }, { spillDirectory: server.directory });
    const iterator = stream[Symbol.asyncIterator]();
    this.#streams.set(name, iterator);
    return iterator;
  }

  /** A new stream, as after an error: from the progress on. Nothing was confirmed to the slot. */
  async beginAgain(from: number, to: number): Promise<void> {
    const name = `${String(from)}>${String(to)}`;
    await this.#streams.get(name)?.return();
    this.#streams.delete(name);
  }

  /** All of it is applied. */
  async flow(from: number, to: number): Promise<void> {
    await this.give(from, to, await this.eventsOf(from, to));
  }

  async give(from: number, to: number, events: readonly SourceEvent[]): Promise<void> {
    const { applier } = this.node(to);
    await applier.take(from, events);
    const last = events.filter(({ kind }) => kind === 'commit').at(-1);
    const position = last && positionOf(last);
    if (position === undefined) return;
    await until(() => {
      const { stopped } = applier.state.peers.get(from) ?? {};
      if (stopped) throw new Error(stopped.error);
      return applier.committed(from) >= position;
    }, FLOW_MS);
  }

  /** From everybody to everybody, in this order of pairs, or any. */
  async flowAll(): Promise<void> {
    for (const from of this.#nodes)
      for (const to of this.#nodes) if (from !== to) await this.flow(from.number, to.number);
  }

  /** Resolves when this statement gives a row. */
  async until(number: number, sql: string): Promise<void> {
    const { server, database } = this.node(number);
    const client = await server.client(database);
    await until(async () => (await client.query(sql)).rows.length > 0, FLOW_MS);
    await client.end();
  }

  untilWaitingForLock(number: number): Promise<void> {
    return this.until(
      number,
      `SELECT FROM pg_stat_activity WHERE application_name = 'windlass applier' AND wait_event_type = 'Lock'`,
    );
  }

  #peersOf(number: number): number[] {
    return this.#servers.map((_, i) => i + 1).filter((peer) => peer !== number);
  }
}
