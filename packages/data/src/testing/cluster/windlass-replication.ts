import { setTimeout as sleep } from 'node:timers/promises';
import { Replicator, type Endpoint, type NodeName, type PeerStatus } from '../../replicate/index.ts';
import { originOf, slotFor } from '../../sql/index.ts';
import { textOf, until } from '../until.ts';
import type { Cluster } from './cluster.ts';
import type { Replication } from './replication.ts';

/** What is asked while replicators come up, in ms. */
const READY_MS = 30_000;

/** One replicator for each node, in this process; each reaches its peers by the links. */
export class WindlassReplication implements Replication {
  readonly #running = new Map<number, Replicator>();
  readonly #said: string[] = [];
  #cluster: Cluster | undefined;
  #begun = performance.now();

  /** Resolves when every stream runs: from then on all that is written is kept for all peers. */
  async start(cluster: Cluster): Promise<void> {
    this.#cluster = cluster;
    this.#begun = performance.now();
    for (const { number } of cluster.nodes) this.begin(number);
    await this.streaming();
  }

  /** Starts the one of this node. */
  begin(number: number): void {
    const cluster = this.#cluster;
    if (!cluster) throw new Error('it has not begun');
    const { server } = cluster.node(number);
    const peers = cluster.pairs.filter(([from]) => from === number);
    const replicator = new Replicator({
      ...{ me: named(number), own: endpointOf(cluster, server.port), spillDirectory: server.directory },
      peers: peers.map(([, to]) => ({ ...named(to), endpoint: endpointOf(cluster, cluster.link(number, to).port) })),
      onCondition: ({ type, message }, holds) =>
        this.#say(`n${String(number)} ${holds ? '' : 'no longer '}${type}: ${message}`),
    });
    this.#running.set(number, replicator);
    replicator.start();
  }

  of(node: number): Replicator {
    const found = this.#running.get(node);
    if (!found) throw new Error(`no replicator of node ${String(node)}`);
    return found;
  }

  /** What one node says of a peer. */
  peer(node: number, peer: number): PeerStatus {
    const found = this.of(node).status.peers.find((one) => one.number === peer);
    if (!found) throw new Error(`no peer ${String(peer)}`);
    return found;
  }

  conditions(node: number): string[] {
    return this.of(node).status.conditions.map(({ type, peer }) => `${type} ${String(peer ?? '')}`.trim());
  }

  async streaming(): Promise<void> {
    const all = (): boolean =>
      [...this.#running.values()].every(({ status }) => status.peers.every(({ state }) => state === 'streaming'));
    await until(all, READY_MS, this.describe);
  }

  async restart(node: number, afterMs: number): Promise<void> {
    await this.of(node).kill();
    await sleep(afterMs);
    this.begin(node);
  }

  /** Ends all, and leaves nothing that the next run would find: slots and origins belong to the server. */
  async stop(): Promise<void> {
    await Promise.all([...this.#running.values()].map((one) => one.stop()));
    this.#running.clear();
    const numbers = this.#cluster?.nodes.map(({ number }) => number) ?? [];
    await this.#cluster?.everywhere(() => whenFree(numbers));
  }

  readonly describe = (): string => {
    const states = [...this.#running.values()].map(({ status }) => `  ${textOf(status)}`);
    return [...states, ...this.#said.slice(-40)].join('\n');
  };

  #say(what: string): void {
    this.#said.push(`  ${String(Math.round(performance.now() - this.#begun))} ms: ${what}`);
  }
}

const named = (number: number): NodeName => ({ number, name: `n${String(number)}` });
const endpointOf = ({ database }: Cluster, port: number): Endpoint => ({
  ...{ hosts: [{ host: '127.0.0.1', port }], database, user: 'windlass' },
});

const listOf = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');

/** Drops slots and origins. A session that has just been ended may still hold its slot or its origin. */
const whenFree = (nodes: readonly number[]): string => `DO $$ BEGIN
  FOR i IN 1..200 LOOP
    BEGIN
      PERFORM pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE slot_name IN (${listOf(nodes.map(slotFor))}) AND active;
      PERFORM pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name IN (${listOf(nodes.map(slotFor))});
      PERFORM pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname IN (${listOf(nodes.map(originOf))});
      RETURN;
    EXCEPTION WHEN object_in_use THEN PERFORM pg_sleep(0.05);
    END;
  END LOOP;
  RAISE 'still in use after 10 s';
END $$`;
