import {
  comparisons,
  comparisonWishes,
  databaseSpecs,
  type DatabaseRecord,
  type InstanceStatus,
} from '@windlass/resources/postgres/records';
import { endTask, taskRecords } from '@windlass/resources/tasks';
import { changeShop } from '../../testing/contract-world.ts';
import { openFixture, shopSpec, type Fixture } from '../../testing/fixture.ts';
import { WantedComparisons } from './wanted-comparisons.ts';

const THEN = '2026-01-01T00:00:00.000Z';
const record: DatabaseRecord = { id: 'shop', createdAt: THEN, updatedAt: THEN, state: 'available' };
const mayDiffer = [
  { conditions: [{ type: 'nodes_may_differ', message: 'a failover lost commits', since: THEN }] },
] as unknown as InstanceStatus[];

let f: Fixture;
let clock = Date.now();
let wanted: WantedComparisons;
beforeEach(async () => {
  f = await openFixture();
  const nodes = ['n1', 'n2'].map((name) => ({ name, host_ids: ['host-1'] }));
  await f.kv.commit(
    [],
    [{ put: databaseSpecs.key('shop'), value: { spec: { ...shopSpec, nodes }, passwordVersions: {} } }],
  );
  await changeShop(f, record);
  wanted = new WantedComparisons({ ...f.deps, now: () => new Date(clock) });
});
afterEach(() => f.app.close());
const look = (one = record, statuses: readonly InstanceStatus[] = []) => wanted.look([one], () => statuses);
const compared = (beganAt: string) =>
  f.kv.commit([], [
    comparisons.put({
      ...{ databaseId: 'shop', taskId: 't', beganAt, endedAt: beganAt, equal: true, nodes: ['n1', 'n2'], tables: 0 },
      ...{ rows: 0, differingTables: [], differences: [], more: false },
    }, 'shop'),
  ]); // prettier-ignore

test('nothing happened, nothing is compared', async () => {
  expect(await look()).toEqual([]);
});

test('a wish is carried out once, and again after ten minutes while it is there', async () => {
  await f.kv.commit([], [comparisonWishes.put({ databaseId: 'shop', reason: 'n3 was added', since: THEN }, 'shop')]);
  expect(await look({ ...record, openTaskId: 'another' })).toEqual([]);
  expect(await look()).toEqual([['shop', 'n3 was added']]);
  expect(f.temporal.started).toMatchObject([{ type: 'compareNodes', input: { nodeName: 'n1' } }]);
  expect(await look()).toEqual([]);
  clock += 600_000;
  expect(await look()).toEqual([]); // the first one runs still
});

test('what is wished for after one began does not wait for ten minutes', async () => {
  const wish = (since: Date) =>
    comparisonWishes.put({ databaseId: 'shop', reason: 'n3 came to the others', since: since.toISOString() }, 'shop');
  await f.kv.commit([], [wish(new Date(clock - 1000))]);
  expect(await look()).toHaveLength(1);
  const [first] = await taskRecords.list(f.kv, ['database', 'shop']);
  const taskId = first?.value.taskId ?? '';
  await endTask(f.kv, { scope: 'database', entityId: 'shop', taskId }, () => ({ outcome: 'completed' }) as const);
  expect(await look()).toEqual([]);
  await f.kv.commit([], [wish(new Date(clock + 1000))]);
  expect(await look()).toEqual([['shop', 'n3 came to the others']]);
});

test('what a node says is a reason until all was compared since', async () => {
  await compared('2025-12-31T00:00:00.000Z');
  expect(await look(record, mayDiffer)).toEqual([['shop', 'a failover lost commits']]);
  wanted = new WantedComparisons(f.deps);
  await compared('2026-01-02T00:00:00.000Z');
  expect(await look(record, mayDiffer)).toEqual([]);
});
