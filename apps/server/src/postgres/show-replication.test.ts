import type { InstanceStatus, ReplicationStatus } from '@windlass/resources/postgres/records';
import { replicationOf } from './show-replication.ts';
import { toApiDatabase } from './view.ts';

const NOW = new Date('2026-01-02T03:04:10.000Z');
const record = { id: 'shop', createdAt: NOW.toISOString(), updatedAt: NOW.toISOString(), state: 'available' } as const;
const slot = { exists: true, active: true, walStatus: 'reserved', retainedBytes: 8192 };
const peers = { n1: { number: 1, name: 'n1' }, n2: { number: 2, name: 'n2' } };
const primary = (node: 'n1' | 'n2', replication?: ReplicationStatus, more: Partial<InstanceStatus> = {}) =>
  ({
    ...{ instanceId: `shop-${node}-a`, databaseId: 'shop', nodeName: node, hostId: 'host-1', addresses: ['192.0.2.1'] },
    ...{ createdAt: NOW.toISOString(), sampledAt: NOW.toISOString(), container: 'running', writable: true },
    ...(replication && { replication }),
    ...more,
  }) satisfies InstanceStatus;

const n1 = (more: Partial<ReplicationStatus['peers'][number]> = {}): ReplicationStatus => ({
  ...{ number: 1, conflicts: 4 },
  peers: [{ ...peers.n2, state: 'replicating', lagBytes: 10, lagMs: 3, clockOffsetMs: -2, slot, ...more }],
});
const n2: ReplicationStatus = {
  ...{ number: 2, conflicts: 0 },
  peers: [{ ...peers.n1, state: 'replicating', slot: { ...slot, retainedBytes: 16384 } }],
};
const of = (...statuses: InstanceStatus[]) => replicationOf(['n1', 'n2'], statuses, NOW);

test('each pair has what its reader says, and its slot as the node says from which it reads', () => {
  expect(of(primary('n1', n1()), primary('n2', n2))).toEqual({
    nodes: [
      { name: 'n1', instance_id: 'shop-n1-a', sampled_at: '2026-01-02T03:04:10Z', conflicts: 4 },
      { name: 'n2', instance_id: 'shop-n2-a', sampled_at: '2026-01-02T03:04:10Z', conflicts: 0 },
    ],
    pairs: [
      {
        ...{ node: 'n1', from: 'n2', state: 'replicating', lag_bytes: 10, lag_ms: 3, clock_offset_ms: -2 },
        slot: { exists: true, active: true, wal_status: 'reserved', retained_bytes: 16384 },
      },
      {
        ...{ node: 'n2', from: 'n1', state: 'replicating' },
        slot: { exists: true, active: true, wal_status: 'reserved', retained_bytes: 8192 },
      },
    ],
  });
});

test('what nobody has heard of a moment ago is unknown', () => {
  const old = { sampledAt: '2026-01-02T03:03:59.000Z' };
  const { nodes, pairs } = of(primary('n1', n1(), old), primary('n2', n2));
  expect(nodes[0]).toEqual({ name: 'n1', error: 'no primary of this node was heard of a moment ago' });
  expect(pairs[0]).toMatchObject({ node: 'n1', state: 'unknown', slot: { exists: true } });
  expect(pairs[1]).toEqual({ node: 'n2', from: 'n1', state: 'replicating' });
});

test('a database with one node has no pairs', () => {
  expect(replicationOf(['n1'], [primary('n1')], NOW)).toEqual({ nodes: [], pairs: [] });
});

test('a node that does not follow makes the database degraded, and a primary shows its streams as subscriptions', () => {
  const shown = (state: ReplicationStatus['peers'][number]['state']) =>
    toApiDatabase(record, [primary('n1', n1({ state })), primary('n2', n2)], NOW);
  expect(shown('replicating').state).toBe('available');
  for (const state of ['initializing', 'down', 'stopped', 'unknown'] as const)
    expect(shown(state).state).toBe('degraded');
  const subscriptions = (state: 'replicating' | 'stopped') => shown(state).instances?.[0]?.spock;
  expect(subscriptions('replicating')).toEqual({
    read_only: 'off',
    subscriptions: [{ provider_node: 'n2', name: 'sub_n2_n1', status: 'replicating' }],
  });
  expect(subscriptions('stopped')?.subscriptions?.[0]?.status).toBe('down');
});
