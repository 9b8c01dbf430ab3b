import type { Cluster } from './cluster.ts';

/** What makes nodes equal, as a test starts, breaks and ends it. */
export interface Replication {
  /** Prepares all nodes and begins. */
  start(cluster: Cluster): Promise<void>;
  /** Kills what runs for one node, as a SIGKILL would, and starts it again after so long. Absent: there is nothing to kill. */
  restart?(node: number, afterMs: number): Promise<void>;
  stop(): Promise<void>;
  /** For a test that failed: what it says of itself. */
  describe?(): string;
}

/** Nothing replicates: what a check has to notice. */
export const NO_REPLICATION: Replication = { start: () => Promise.resolve(), stop: () => Promise.resolve() };

/** Subscriptions of Postgres itself, from 16 on: `origin = none` keeps them from going round. */
export class NativeReplication implements Replication {
  #cluster: Cluster | undefined;

  async start(cluster: Cluster): Promise<void> {
    this.#cluster = cluster;
    await cluster.everywhere(() => 'CREATE PUBLICATION native FOR ALL TABLES');
    for (const [from, to] of cluster.pairs) {
      const where = `host=${await cluster.node(to).server.address()} user=windlass dbname=${cluster.database}`;
      await cluster.query(
        from,
        `CREATE SUBSCRIPTION ${name(from, to)} CONNECTION '${where}' PUBLICATION native
        WITH (origin = none, copy_data = false)`,
      );
    }
  }

  /** As if the link was cut. */
  async pause(): Promise<void> {
    await this.#all((subscription) => `ALTER SUBSCRIPTION ${subscription} DISABLE`);
  }

  async resume(): Promise<void> {
    await this.#all((subscription) => `ALTER SUBSCRIPTION ${subscription} ENABLE`);
  }

  async stop(): Promise<void> {
    await this.#all((subscription) => `DROP SUBSCRIPTION ${subscription}`);
  }

  async #all(sql: (subscription: string) => string): Promise<void> {
    const cluster = this.#cluster;
    if (!cluster) return;
    for (const [from, to] of cluster.pairs) await cluster.query(from, sql(name(from, to)));
  }
}

const name = (from: number, to: number): string => `from_${String(from)}_to_${String(to)}`;
