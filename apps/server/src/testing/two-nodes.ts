import { hostRecords } from '@windlass/resources/platform/records';
import { databaseSpecs, type InstanceStatus } from '@windlass/resources/postgres/records';
import { changeShop, instanceNow, PRIMARY, REPLICA } from './contract-world.ts';
import { hostNow, openFixture, shopSpec, type Fixture } from './fixture.ts';

/** The only instance of the second node. */
export const OTHER = 'shop-n2-689qacsi';

export type Sample = readonly [id: string, nodeName: string, hostId: string, more: Partial<InstanceStatus>];

/** One whose container does not run. */
export const DOWN: Partial<InstanceStatus> = {
  writable: false,
  streaming: false,
  container: 'stopped',
  role: undefined,
};

/** What the monitor has just seen of an instance. */
export const sampleOf = (f: Fixture, ...[id, nodeName, hostId, more]: Sample) =>
  f.kv.commit([], [instanceNow(id, hostId, { nodeName, ...more })]);

/** A shop with a node that has a replica, and one that has none; all are well. */
export async function openTwoNodes(): Promise<Fixture> {
  const f = await openFixture();
  await f.kv.commit([], [{ put: hostRecords.key('host-2'), value: hostNow({ id: 'host-2' }) }]);
  const nodes = [
    { name: 'n1', host_ids: ['host-1', 'host-2'] },
    { name: 'n2', host_ids: ['host-1'] },
  ];
  const spec = { ...shopSpec, nodes };
  await f.kv.commit([], [{ put: databaseSpecs.key('shop'), value: { spec, passwordVersions: {} } }]);
  const made = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
  await changeShop(f, { id: 'shop', ...made, state: 'available' });
  await sampleOf(f, PRIMARY, 'n1', 'host-1', { role: 'primary', writable: true });
  await sampleOf(f, REPLICA, 'n1', 'host-2', { role: 'replica', streaming: true });
  await sampleOf(f, OTHER, 'n2', 'host-1', { role: 'primary', writable: true });
  return f;
}
