import { setTimeout as sleep } from 'node:timers/promises';
import { Replicator, type Endpoint, type PeerStatus } from '../../replicate/index.ts';
import { originOf, slotFor } from '../../sql/index.ts';
import type { Cluster } from '../cluster/cluster.ts';
import type { Replication } from '../cluster/replication.ts';
import { until } from './until.ts';

/** A replicator for each node of a cluster, in this process; peers are reached through the cluster's links. */
export class Replicators implements Replication {
  #cluster: Cluster | undefined;
  readonly #of = new Map<number, Replicator>();

  /** Prepares the nodes, and resolves when every stream runs. */
  async start(cluster: Cluster): Promise<void> {
    this.#cluster = cluster;
    await this.#clean();
    for (const { number } of cluster.nodes) this.begin(number);
    await this.streaming();
  }

  of(node: number): Replicator {
    const found = this.#of.get(node);
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

  async streaming(ms = 20_000): Promise<void> {
    const all = (): boolean =>
      [...this.#of.values()].every(({ status }) => status.peers.every(({ state }) => state === 'streaming'));
    await until(all, ms, () => [...this.#of.values()].map(({ status }) => status));
  }

  async restart(node: number, afterMs: number): Promise<void> {
    await this.of(node).kill();
    await sleep(afterMs);
    this.begin(node);
  }

  async stop(): Promise<void> {
    await Promise.all([...this.#of.values()].map((one) => one.stop()));
    this.#of.clear();
    await this.#clean();
  }

  readonly describe = (): string => {
    const text = (_: string, value: unknown): unknown => (typeof value === 'bigint' ? String(value) : value);
    return JSON.stringify(
      [...this.#of.values()].map(({ status }) => status),
      text,
      1,
    );
  };

  /** Starts the one of this node. */
  begin(number: number): void {
    const cluster = this.#cluster;
    if (!cluster) throw new Error('not started');
    const peers = cluster.nodes.filter((one) => one.number !== number);
    const replicator = new Replicator({
      me: { number, name: `n${String(number)}` },
      own: this.#endpoint(cluster.node(number).server.port),
      peers: peers.map((peer) => ({
        ...{ number: peer.number, name: `n${String(peer.number)}` },
        endpoint: this.#endpoint(cluster.link(number, peer.number).port),
      })),
      spillDirectory: cluster.node(number).server.directory,
    });
    replicator.start();
    this.#of.set(number, replicator);
  }

  #endpoint(port: number): Endpoint {
    return { hosts: [{ host: '127.0.0.1', port }], database: this.#cluster?.database ?? '', user: 'windlass' };
  }

  /** Slots and origins belong to the server: those of the database before would be taken for ours. */
  async #clean(): Promise<void> {
    const numbers = this.#cluster?.nodes.map(({ number }) => number) ?? [];
    const list = (names: readonly string[]): string => names.map((name) => `'${name}'`).join(', ');
    await this.#cluster?.everywhere(
      () => `SELECT pg_terminate_backend(active_pid) FROM pg_replication_slots WHERE active_pid IS NOT NULL;
        SELECT pg_drop_replication_slot(slot_name) FROM pg_replication_slots WHERE slot_name IN (${list(numbers.map(slotFor))});
        SELECT pg_replication_origin_drop(roname) FROM pg_replication_origin WHERE roname IN (${list(numbers.map(originOf))})`,
    );
  }
}
