import { createMemoryKv } from '../store/memory.ts';
import type { EntityState } from '../engine/entity-record.ts';
import { entityRecords } from './entity-records.ts';
import { referenceRecords, referTo, refuseReferenced, releaseReferences } from './references.ts';

const bus = { kind: 'bus', id: 'main' };
const other = { kind: 'bus', id: 'other' };
const [orders, clicks] = [
  { kind: 'stream', id: 'orders' },
  { kind: 'stream', id: 'clicks' },
];

async function world(state: EntityState = 'available') {
  const kv = createMemoryKv();
  const record = (id: string) => entityRecords('bus').put({ id, createdAt: '', updatedAt: '', state }, id);
  await kv.commit([], [record('main'), record('other')]);
  const commit = ({ expect, writes }: Awaited<ReturnType<typeof referTo>>) => kv.commit(expect, writes);
  return { kv, commit };
}

test('what is referred to is not deleted; the refusal names who refers to it, until nobody does', async () => {
  const { kv, commit } = await world();
  await commit(await referTo(kv, orders, [], [bus]));
  await commit(await referTo(kv, clicks, [], [bus]));
  await expect(refuseReferenced(kv, bus)).rejects.toMatchObject({
    code: 'in_use',
    message: 'bus/main is used by stream/clicks, stream/orders: delete or change those first',
  });
  await commit(await referTo(kv, orders, [bus], [other]));
  await commit(await referTo(kv, clicks, [bus], []));
  expect((await refuseReferenced(kv, bus)).expect).toEqual([{ key: 'references/bus.main', revision: 0 }]);
  expect((await referenceRecords.list(kv, [])).map(({ value }) => value)).toEqual([[orders]]);
});

test('what goes refers to nothing any more; the references of others stay, and one that is made meanwhile is not lost', async () => {
  const { kv, commit } = await world();
  await commit(await referTo(kv, orders, [], [bus, other]));
  const early = await releaseReferences(kv, orders);
  await commit(await referTo(kv, clicks, [], [bus]));
  await kv.commit([], [{ put: 'references/bus.odd', value: 'what nobody reads' }]);
  expect(await commit(early)).toBe(false);
  await commit(await releaseReferences(kv, orders));
  expect((await kv.list('references/bus.main')).map(({ value }) => value)).toEqual([[clicks]]);
  expect(await refuseReferenced(kv, other)).toMatchObject({ expect: [{ revision: 0 }] });
  expect(await releaseReferences(kv, orders)).toEqual({ expect: [], writes: [] });
});

test('referring twice is referring once', async () => {
  const { kv, commit } = await world();
  await commit(await referTo(kv, orders, [], [bus]));
  await commit(await referTo(kv, orders, [], [bus]));
  expect((await referenceRecords.get(kv, 'bus.main' as never))?.value).toEqual([orders]);
});

test('a reference that is made while the target is about to go loses, and so does a delete while one is made', async () => {
  const { kv, commit } = await world();
  const [reference, removal] = [await referTo(kv, orders, [], [bus]), await refuseReferenced(kv, bus)];
  const deleting = { id: 'main', createdAt: '', updatedAt: '', state: 'deleting' } as const;
  const remove = () => kv.commit(removal.expect, [entityRecords('bus').put(deleting, 'main')]);
  expect(await remove()).not.toBe(false);
  expect(await commit(reference)).toBe(false);

  const again = await world();
  const [later, first] = [await refuseReferenced(again.kv, bus), await referTo(again.kv, orders, [], [bus])];
  expect(await again.commit(first)).not.toBe(false);
  expect(await again.kv.commit(later.expect, [])).toBe(false);
});

test.each([
  ['is not there', { kind: 'bus', id: 'none' }, 'available', 'not_found'],
  ['is being deleted', bus, 'deleting', 'operation_refused'],
] as const)('nothing may refer to what %s', async (_what, target, state, code) => {
  const { kv } = await world(state);
  await expect(referTo(kv, orders, [], [target])).rejects.toMatchObject({ code });
});
