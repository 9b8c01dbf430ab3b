import { setTimeout as sleep } from 'node:timers/promises';
import { installNode } from '../../node/index.ts';
import { Replicator, type Peer } from '../../replicate/index.ts';
import { originOf, slotFor } from '../../sql/index.ts';
import type { Cluster } from './cluster.ts';
import type { Replication } from './replication.ts';

/** What is asked while replicators come up, in ms. */
const READY_MS = 30_000;

/** One replicator for each node, in this process; each reaches its peers by the links. */
export class WindlassReplication implements Replication {
  readonly #running = new Map<number, Replicator>();
  readonly #said: string[] = [];
  #cluster: Cluster | undefined;
  readonly #prepare: string;
  #begun = performance.now();

  /** `prepare`: SQL that is run on each node after it is installed, before its replicator begins. */
  constructor(prepare = '') {
    this.#prepare = prepare;
  }

  async start(cluster: Cluster): Promise<void> {
    this.#cluster = cluster;
    await Promise.all(cluster.nodes.map(({ number }) => this.#install(cluster, number)));
    await cluster.everywhere(() => this.#prepare);
    this.#begun = performance.now();
    for (const { number } of cluster.nodes) this.#startOne(number);
    await this.#streaming(cluster);
  }

  async restart(node: number, afterMs: number): Promise<void> {
    await this.#running.get(node)?.kill();
    await sleep(afterMs);
    this.#startOne(node);
  }

  /** Ends all, and leaves nothing that the next run would find: slots and origins belong to the server. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((one) => one.stop()));
    const cluster = this.#cluster;
    if (!cluster) return;
    for (const [from, to] of cluster.pairs) {
      await cluster.query(to, whenFree(endOfSlot(slotFor(from))));
      await cluster.query(from, whenFree(endOfOrigin(originOf(to))));
    }
    this.#running.clear();
  }

  describe(): string {
    const states = [...this.#running.values()].map(({ status }) => `  ${JSON.stringify(status, bigints)}`);
    return [...this.#said.slice(-40), ...states].join('\n');
  }

  async #install(cluster: Cluster, number: number): Promise<void> {
    const { server } = cluster.node(number);
    const client = await server.client(cluster.database);
    const peers = cluster.nodes.filter((one) => one.number !== number).map((one) => named(one.number));
    await installNode(client, { ...named(number), peers });
    await client.end();
  }

  #startOne(number: number): void {
    const cluster = this.#cluster;
    if (!cluster) throw new Error('it has not begun');
    const peers = cluster.nodes
      .filter((one) => one.number !== number)
      .map((one) => this.#peer(cluster, number, one.number));
    const login = { database: cluster.database, user: 'windlass' };
    const own = { hosts: [{ host: '127.0.0.1', port: cluster.node(number).server.port }], ...login };
    const replicator = new Replicator({
      ...{ me: named(number), own, peers },
      onCondition: ({ type, message }, holds) =>
        this.#say(`n${String(number)} ${holds ? '' : 'no longer '}${type}: ${message}`),
    });
    this.#running.set(number, replicator);
    replicator.start();
  }

  #peer(cluster: Cluster, from: number, to: number): Peer {
    const hosts = [{ host: '127.0.0.1', port: cluster.link(from, to).port }];
    return { ...named(to), endpoint: { hosts, database: cluster.database, user: 'windlass' } };
  }

  #say(what: string): void {
    this.#said.push(`  ${String(Math.round(performance.now() - this.#begun))} ms: ${what}`);
  }

  /** Writers begin when all that they write is kept for all peers. */
  async #streaming(cluster: Cluster): Promise<void> {
    const until = performance.now() + READY_MS;
    for (const [from, to] of cluster.pairs) {
      const sql = `SELECT 1 FROM pg_replication_slots WHERE slot_name = '${slotFor(from)}' AND active AND confirmed_flush_lsn IS NOT NULL`;
      while ((await cluster.query(to, sql)).length === 0) {
        if (performance.now() > until)
          throw new Error(`no stream from n${String(to)} to n${String(from)}\n${this.describe()}`);
        await sleep(50);
      }
    }
  }
}

const named = (number: number): { readonly number: number; readonly name: string } => ({
  number,
  name: `n${String(number)}`,
});
const bigints = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);

const endOfSlot = (slot: string): string =>
  `PERFORM pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name = '${slot}' AND active;
   PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name = '${slot}';`;
const endOfOrigin = (origin: string): string =>
  `PERFORM pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname = '${origin}';`;

/** A session that has just been ended may still hold its slot or its origin. */
const whenFree = (statements: string): string => `DO $$ BEGIN
  FOR i IN 1..200 LOOP
    BEGIN
      ${statements}
      RETURN;
    EXCEPTION WHEN object_in_use THEN PERFORM pg_sleep(0.05);
    END;
  END LOOP;
  RAISE 'still in use after 10 s';
END $$`;
