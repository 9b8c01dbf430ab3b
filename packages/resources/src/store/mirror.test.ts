import { z } from 'zod';
import { Collection } from './collection.ts';
import { createMemoryKv } from './memory.ts';
import { Mirror } from './mirror.ts';
import type { Kv } from './kv.ts';

/** A store that counts its lists, can hold one back, and whose watch can break. */
function counted(kv = createMemoryKv()) {
  const spy = {
    lists: 0,
    broken: (): void => undefined,
    meanwhile: (): Promise<void> => Promise.resolve(),
    down: false,
  };
  const own: Kv = {
    ...kv,
    list: async (...args) => {
      spy.lists += 1;
      if (spy.down) throw new Error('away');
      const rows = await kv.list(...args);
      await spy.meanwhile();
      return rows;
    },
    watch: (prefix, onChange, onResync) => {
      spy.broken = onResync;
      return kv.watch(prefix, onChange, onResync);
    },
  };
  return { kv: own, spy };
}
const numbers = new Collection<number, [id: string]>('a', z.number());
const told: string[] = [];
const mirrorOf = (kv: Kv) => new Mirror(kv, numbers, (err, { key }) => told.push(`${key}: ${err.code}`));
const keysOf = async (mirror: Mirror<number, [id: string]>) => (await mirror.rows()).map((row) => row.key).sort();

test('is read once, and then kept up to date', async () => {
  const { kv, spy } = counted();
  const first = await kv.commit([], [{ put: 'a/1', value: 1 }, { put: 'b/1', value: 1 }]); // prettier-ignore
  const mirror = mirrorOf(kv);
  expect(await mirror.rows()).toEqual([{ key: 'a/1', id: ['1'], value: 1, revision: first }]);
  const second = await kv.commit([], [{ put: 'a/1', value: 2 }, { put: 'a/2', value: 3 }]); // prettier-ignore
  expect(await mirror.rows()).toEqual([
    { key: 'a/1', id: ['1'], value: 2, revision: second },
    { key: 'a/2', id: ['2'], value: 3, revision: second },
  ]);
  await kv.commit([], [{ remove: 'a/1' }]);
  expect([await keysOf(mirror), spy.lists]).toEqual([['a/2'], 1]);
  await mirror.close();
});

test('what changes while it is read is not lost to the older list', async () => {
  const { kv, spy } = counted();
  await kv.commit(
    [],
    [1, 2].map((n) => ({ put: `a/${String(n)}`, value: n })),
  );
  spy.meanwhile = async () => {
    await kv.commit([], [{ remove: 'a/1' }, { put: 'a/2', value: 9 }, { put: 'a/3', value: 3 }]);
  };
  const mirror = mirrorOf(kv);
  expect((await mirror.rows()).map(({ key, value }) => [key, value]).sort()).toEqual([['a/2', 9], ['a/3', 3]]); // prettier-ignore
});

test('a watch that broke is followed by another read, which finds what went', async () => {
  const { kv, spy } = counted();
  await kv.commit([], [1, 2].map((n) => ({ put: `a/${String(n)}`, value: n })));
  const mirror = mirrorOf({ ...kv, watch: (prefix, _onChange, onResync) => kv.watch(prefix, () => undefined, onResync) });
  await mirror.rows();
  await kv.commit([], [{ remove: 'a/1' }]);
  expect(await keysOf(mirror)).toEqual(['a/1', 'a/2']);
  spy.broken();
  spy.down = true;
  await expect(mirror.rows()).rejects.toThrow('away');
  spy.down = false;
  expect(await keysOf(mirror)).toEqual(['a/2']);
}); // prettier-ignore

test('a record that cannot be read is told and keeps none of the others away; once it can be, it is there', async () => {
  const { kv } = counted();
  await kv.commit([], [{ put: 'a/1', value: 1 }, { put: 'a/2', value: 'two' }]); // prettier-ignore
  const mirror = mirrorOf(kv);
  expect(await keysOf(mirror)).toEqual(['a/1']);
  await kv.commit([], [{ put: 'a/1', value: 'one' }, { put: 'a/2', value: 2 }]); // prettier-ignore
  expect(await keysOf(mirror)).toEqual(['a/2']);
  expect(told).toEqual(['a/2: record_unreadable', 'a/1: record_unreadable']);
});
