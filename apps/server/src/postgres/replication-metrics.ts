import type { InstanceStatus } from '@windlass/resources/postgres/records';
import type { GetReplicationResponse, ReplicationPair } from '@windlass/resources/postgres/spec';
import { Gauge } from 'prom-client';
import type { ServerDeps } from '../core/deps.ts';
import type { MetricSource } from '../core/plugins/metric-source.ts';
import { replicationOf } from './show-replication.ts';
import { readAllInstances } from './view.ts';

const OF_PAIRS: readonly (readonly [name: string, help: string, valueOf: (pair: ReplicationPair) => number | undefined])[] = [
  ['replicating', '1: the node applies what the other writes; 0: it does not, or nobody knows', ({ state }) => (state === 'replicating' ? 1 : 0)],
  ['lag_bytes', 'WAL that the other node has written and this one has not applied', (pair) => pair.lag_bytes],
  ['lag_seconds', 'For how long something waits to be applied', ({ lag_ms: ms }) => (ms === undefined ? undefined : ms / 1000)],
  ['retained_bytes', 'WAL that the other node keeps for this one', ({ slot }) => slot?.retained_bytes],
  ['safe_bytes', 'WAL that the other node may still write before this one loses its place', ({ slot }) => slot?.safe_wal_size],
]; // prettier-ignore

/** How the nodes of all databases with several follow one another, as the hosts of their primaries said a moment ago. Nothing while etcd is away. */
export const replicationMetrics: MetricSource = (deps, registry) => {
  let reading: Promise<readonly Of[]> | undefined;
  /** All metrics of one scrape are of one moment. */
  const now = (): Promise<readonly Of[]> =>
    (reading ??= read(deps)
      .catch(() => [])
      .finally(() => (reading = undefined)));
  const gauge = (
    name: string,
    help: string,
    labelNames: readonly string[],
    fill: (gauge: Gauge, of: Of) => void,
  ): Gauge =>
    new Gauge({
      ...{ name: `windlass_replication_${name}`, help, labelNames, registers: [registry] },
      async collect() {
        this.reset();
        for (const of of await now()) fill(this, of);
      },
    });
  for (const [name, help, valueOf] of OF_PAIRS)
    gauge(name, help, ['database', 'node', 'from'], (one, { database, pairs }) => {
      for (const pair of pairs) {
        const value = valueOf(pair);
        if (value !== undefined) one.set({ database, node: pair.node, from: pair.from }, value);
      }
    });
  gauge(
    'conflicts',
    'Conflicts that a node has recorded since its replicator began',
    ['database', 'node'],
    (one, of) => {
      for (const { name, conflicts } of of.nodes)
        if (conflicts !== undefined) one.set({ database: of.database, node: name }, conflicts);
    },
  );
};

interface Of extends GetReplicationResponse {
  readonly database: string;
}

async function read(deps: ServerDeps): Promise<readonly Of[]> {
  const { databases, of } = await readAllInstances(deps);
  return databases.map((database) => ({ database, ...replicationOf(nodesOf(of(database)), of(database), deps.now()) }));
}

/** Of a database with one node: that one. */
const nodesOf = (statuses: readonly InstanceStatus[]): string[] => [
  ...new Set(
    statuses.flatMap(({ nodeName, replication }) => [nodeName, ...(replication?.peers ?? []).map(({ name }) => name)]),
  ),
];
