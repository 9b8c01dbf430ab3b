import { createMemoryKv } from '../store/memory.ts';
import { aResource } from '../testing/a-resource.ts';
import { entityKey, partOf } from './entity-ref.ts';
import { resourceRecords } from './records.ts';
import { ResourceState } from './state.ts';

const ENTITY = { kind: 'database', id: 'e' };
const record = (id: string, within?: string) =>
  aResource('thing', id, within === undefined ? {} : { within: { kind: 'thing', id: within } });

test('a resource with more in it than one transaction may remove goes with all of it', async () => {
  const kv = createMemoryKv();
  const state = new ResourceState(kv, { key: () => 'e', ownerOf: (_entity, value) => String(value) });
  const fence = Number(await kv.commit([], [{ put: 'e', value: 't' }]));
  const outer = await state.put(ENTITY, record('outer'), 0, fence);
  await state.put(ENTITY, record('other'), 0, fence);
  for (let i = 0; i < 300; i += 1)
    await state.put(ENTITY, record(`in-${String(i)}`, i < 150 ? 'outer' : 'in-0'), 0, fence);
  await state.remove(ENTITY, record('outer'), outer, fence);
  expect((await state.list(ENTITY)).map(({ ref }) => ref.id)).toEqual(['other']);
});

test('entities of another kind have resources and owners of their own', async () => {
  const kv = createMemoryKv();
  const state = new ResourceState(kv, {
    key: entityKey,
    ownerOf: (entity, value) => `${entity.kind}:${String(value)}`,
  });
  const pipeline = { kind: 'pipeline', id: 'e' };
  await kv.commit([], [{ put: 'database/e', value: 't' }, { put: 'pipeline/e', value: 't' }]); // prettier-ignore
  await expect(state.acquire(pipeline, 'database:t')).rejects.toMatchObject({ code: 'stale_task' });
  await state.put(pipeline, record('p'), 0, await state.acquire(pipeline, 'pipeline:t'));
  expect([await state.list(ENTITY), (await state.list(pipeline)).length]).toEqual([[], 1]);
});

test('a record that cannot be read is not taken for one that is not there', async () => {
  const kv = createMemoryKv();
  const state = new ResourceState(kv, { key: () => 'e', ownerOf: () => 't' });
  await kv.commit([], [{ put: resourceRecords.key(partOf(ENTITY), 'thing::a'), value: { phase: 'ready' } }]);
  await expect(state.get(ENTITY, { kind: 'thing', id: 'a' })).rejects.toMatchObject({ code: 'record_unreadable' });
  await expect(state.list(ENTITY)).rejects.toMatchObject({ code: 'record_unreadable' });
});
