import { instanceStatuses, type InstanceStatus, type ReplicationStatus } from '@windlass/resources/postgres/records';
import { openFixture, type Fixture } from '../testing/fixture.ts';

let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
});
afterEach(() => f.app.close());

const slot = { exists: true, active: true, walStatus: 'reserved', retainedBytes: 8192, safeWalSize: 4096 };
const replication: Record<string, ReplicationStatus> = {
  n1: { number: 1, conflicts: 4, peers: [{ number: 2, name: 'n2', state: 'replicating', lagBytes: 10, lagMs: 1500, slot }] },
  n2: { number: 2, conflicts: 0, peers: [{ number: 1, name: 'n1', state: 'stopped' }] },
}; // prettier-ignore

/** The primary of a node, looked at just now. */
function primary(nodeName: string, more: Partial<InstanceStatus> = {}) {
  const now = new Date().toISOString();
  const value = {
    ...{ instanceId: `shop-${nodeName}-a`, databaseId: 'shop', nodeName, hostId: 'host-1', addresses: [] },
    ...{ createdAt: now, sampledAt: now, container: 'running', writable: true },
    ...(replication[nodeName] && { replication: replication[nodeName] }),
    ...more,
  } satisfies InstanceStatus;
  return { put: instanceStatuses.key('shop', value.instanceId), value };
}
const metrics = async (): Promise<string[]> => {
  const { body } = await f.app.inject('/metrics');
  return body.split('\n').filter((line) => line.startsWith('windlass_replication_'));
};

test('say of each pair what GET …/replication says, and of each node its conflicts', async () => {
  await f.kv.commit([], [primary('n1'), primary('n2')]);
  expect(await metrics()).toEqual([
    'windlass_replication_replicating{database="shop",node="n1",from="n2"} 1',
    'windlass_replication_replicating{database="shop",node="n2",from="n1"} 0',
    'windlass_replication_lag_bytes{database="shop",node="n1",from="n2"} 10',
    'windlass_replication_lag_seconds{database="shop",node="n1",from="n2"} 1.5',
    'windlass_replication_retained_bytes{database="shop",node="n2",from="n1"} 8192',
    'windlass_replication_safe_bytes{database="shop",node="n2",from="n1"} 4096',
    'windlass_replication_conflicts{database="shop",node="n1"} 4',
    'windlass_replication_conflicts{database="shop",node="n2"} 0',
  ]);
});

test('what is over is not told any more, and what nobody has heard of does not replicate', async () => {
  await f.kv.commit([], [primary('n1'), primary('n2')]);
  await metrics();
  await f.kv.commit([], [primary('n1', { sampledAt: '2026-01-01T00:00:00.000Z' }), { remove: instanceStatuses.key('shop', 'shop-n2-a') }]); // prettier-ignore
  expect(await metrics()).toEqual([
    'windlass_replication_replicating{database="shop",node="n1",from="n2"} 0',
    'windlass_replication_replicating{database="shop",node="n2",from="n1"} 0',
  ]);
});

test('a database with one node has none, and without etcd the rest is there', async () => {
  await f.kv.commit([], [primary('n3')]);
  expect(await metrics()).toEqual([]);
  f.storeDown(true);
  expect((await f.app.inject('/metrics')).body).toContain('windlass_unreadable_records');
});
