import { partOf, refKey, resourceRecords } from '@windlass/resources/engine';
import { instance, replicationCopy, replicationStreams } from '@windlass/resources/postgres/kinds';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { afterDatabase } from './after-database.ts';

const entity = { kind: 'database', id: 'shop' };
const streams = (nodeName: string, action: 'create' | 'update' = 'create') => ({
  action,
  ref: replicationStreams.ref(nodeName),
});

let kv: Kv;
beforeEach(async () => {
  kv = createMemoryKv();
  const stored = {
    version: 1,
    executor: { on: 'any' as const },
    dependsOn: [],
    phase: 'ready' as const,
    inputsHash: '',
  };
  const about = { ...stored, taskId: 't', updatedAt: '2026-01-01T00:00:00.000Z' };
  const kept = [
    { ...about, ref: replicationCopy.ref('shop:n3'), spec: { nodeName: 'n3' } },
    { ...about, ref: instance.ref('a'), spec: {} },
  ];
  const key = (ref: (typeof kept)[number]['ref']): string => resourceRecords.key(partOf(entity), refKey(ref));
  await kv.commit([], kept.map((value) => ({ put: key(value.ref), value }))); // prettier-ignore
});

test('after a node came to others all are to be compared', async () => {
  const wishes = await afterDatabase(kv, entity, [streams('n1', 'update'), streams('n3')]);
  expect(wishes).toMatchObject([{ value: { databaseId: 'shop', reason: 'n3 came to the others' } }]);
});

test.each([
  ['nodes that began together are empty', [streams('n1'), streams('n2')]],
  ['one that was there goes on', [streams('n3', 'update')]],
])('%s: nothing is to be compared', async (_, steps) => {
  expect(await afterDatabase(kv, entity, steps)).toEqual([]);
});
