import { databaseRecords, databaseSpecs } from '@windlass/resources/postgres/records';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { remakeNodes, type RemakeInput } from './remake-nodes.ts';

const node = (name: string) => ({ name, host_ids: ['host-1'] });
const spec = { database_name: 'shop', nodes: [node('n1'), node('n2')] };
const task = { entity: { kind: 'database', id: 'shop' }, databaseId: 'shop', taskId: 'mine' } as const;
const then = '2026-01-01T00:00:00.000Z';

let kv: Kv;
const step = (of: RemakeInput['phase'], more: object = {}) =>
  remakeNodes({ kv })({ ...task, nodes: ['n2'], phase: of, ...more });
const now = async () => (await databaseSpecs.get(kv, 'shop'))?.value;

beforeEach(async () => {
  kv = createMemoryKv();
  const record = { id: 'shop', createdAt: then, updatedAt: then, state: 'modifying', openTaskId: 'mine' } as const;
  const stored = { spec, passwordVersions: {}, nodeNumbers: { current: { n1: 1, n2: 2 }, given: [1, 2] } };
  await kv.commit([], [databaseRecords.put(record, 'shop'), databaseSpecs.put(stored, 'shop')]);
});

test('a step that is repeated has been done, and gives the same revision', async () => {
  const begun = await step('begin');
  expect((await now())?.remaking).toEqual(['n2']);
  expect(await step('begin')).toEqual(begun);
  const gone = await step('gone');
  expect(gone.revision).toBeGreaterThan(begun.revision);
  expect(await now()).toMatchObject({
    nodeNumbers: { current: { n1: 1, n2: 3 } },
    nodeSources: { n2: { source: 'n1', there: ['n1'] } },
  });
  expect((await now())?.remaking).toBeUndefined();
  expect(await step('gone')).toEqual(gone);
});

test('a node that another task had begun with does not keep this one from beginning', async () => {
  await step('begin', { nodes: ['n3'] });
  await step('begin');
  expect((await now())?.remaking).toEqual(['n2', 'n3']);
});

test('a task that does not own the database any more notes nothing', async () => {
  await expect(step('begin', { taskId: 'former' })).rejects.toMatchObject({ code: 'stale_task' });
  expect((await now())?.remaking).toBeUndefined();
});
