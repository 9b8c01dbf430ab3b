import { createMemoryKv } from '../store/memory.ts';
import type { ResourceRecord } from '../store/ports.ts';
import { ResourceState } from './state.ts';

const record = (id: string, within?: string): ResourceRecord => ({
  ref: { kind: 'thing', id },
  version: 1,
  spec: {},
  executor: { on: 'any' },
  dependsOn: [],
  within: within === undefined ? undefined : { kind: 'thing', id: within },
  phase: 'ready',
  inputsHash: '',
  taskId: 't',
  updatedAt: '2026-01-01T00:00:00Z',
});

test('a resource with more in it than one transaction may remove goes with all of it', async () => {
  const kv = createMemoryKv();
  const state = new ResourceState(kv, { key: () => 'e', ownerOf: (value) => value as string });
  const fence = Number(await kv.commit([], [{ put: 'e', value: 't' }]));
  const outer = await state.put('e', record('outer'), 0, fence);
  await state.put('e', record('other'), 0, fence);
  for (let i = 0; i < 300; i += 1)
    await state.put('e', record(`in-${String(i)}`, i < 150 ? 'outer' : 'in-0'), 0, fence);
  await state.remove('e', record('outer'), outer, fence);
  expect((await state.list('e')).map(({ ref }) => ref.id)).toEqual(['other']);
});
