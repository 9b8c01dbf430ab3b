import { z } from 'zod';
import type { DomainError } from '../errors/index.ts';
import { Collection, type Found } from './collection.ts';
import { createMemoryKv } from './memory.ts';

interface Ship {
  readonly name: string;
  readonly masts: number;
}
const ships = new Collection<Ship, [port: string, name: string]>(
  'ships',
  z.looseObject({ name: z.string(), masts: z.int() }),
);

async function harbour() {
  const kv = createMemoryKv();
  await kv.commit([], [
    ships.put({ name: 'a', masts: 1 }, 'bremen', 'a'),
    ships.put({ name: 'b', masts: 2 }, 'bremen', 'b'),
    ships.put({ name: 'c', masts: 3 }, 'bremerhaven', 'c'),
  ]); // prettier-ignore
  return kv;
}

test('a record is read back under its id, with the revision it was written at', async () => {
  const kv = await harbour();
  expect(await ships.get(kv, 'bremen', 'b')).toEqual({ value: { name: 'b', masts: 2 }, revision: 1 });
  expect(await ships.get(kv, 'bremen', 'z')).toBeUndefined();
});

test('a list has what is under a part of the id, and nothing whose part only begins like it', async () => {
  const kv = await harbour();
  expect((await ships.list(kv, ['bremen'])).map(({ id }) => id)).toEqual([['bremen', 'a'], ['bremen', 'b']]); // prettier-ignore
  const last = await ships.list(kv, [], { order: 'desc', limit: 1 });
  expect(last.map(({ value }) => value.name)).toEqual(['c']);
  expect((await ships.list(kv, [], { after: last[0]?.key, order: 'desc' })).map(({ value }) => value.name)).toEqual(['b', 'a']); // prettier-ignore
});

test('two collections of one prefix do not see what is the other’s', async () => {
  const kv = await harbour();
  const schema = z.looseObject({ name: z.string(), crew: z.int() });
  const manned = new Collection<{ name: string; crew: number }, [port: string, name: string]>('ships', schema, {
    holds: ([port]) => port === 'emden',
  });
  await kv.commit([], [manned.put({ name: 'd', crew: 9 }, 'emden', 'd')]);
  expect((await manned.list(kv, [], { limit: 1 })).map(({ id }) => id)).toEqual([['emden', 'd']]);
  await expect(ships.list(kv, [])).rejects.toMatchObject({ code: 'record_unreadable' });
});

test('what does not look like a record is refused with its key and the field', async () => {
  const kv = await harbour();
  await kv.commit([], [{ put: 'ships/bremen/x', value: { name: 'x', masts: 'three' } }]);
  await expect(ships.get(kv, 'bremen', 'x')).rejects.toMatchObject({
    code: 'record_unreadable',
    message: expect.stringMatching(/^what is stored under 'ships\/bremen\/x' cannot be read: masts: /) as string,
  });
  await expect(ships.list(kv, ['bremen'])).rejects.toMatchObject({ code: 'record_unreadable' });
});

test('one record that cannot be read hides no other from who looks at many', async () => {
  const kv = await harbour();
  const revision = await kv.commit([], [{ put: 'ships/bremen/aa', value: { name: 'aa' } }]);
  const told: unknown[] = [];
  const rows = await ships.list(kv, ['bremen'], { unreadable: (error, found) => told.push({ ...found, error }) });
  expect(rows.map(({ id }) => id[1])).toEqual(['a', 'b']);
  expect(told).toEqual([
    { key: 'ships/bremen/aa', revision, value: { name: 'aa' }, error: expect.objectContaining({ code: 'record_unreadable' }) as Error },
  ]); // prettier-ignore
});

test('fields that this version does not know stay when a record is changed', async () => {
  const kv = createMemoryKv();
  await kv.commit([], [{ put: 'ships/kiel/k', value: { name: 'k', masts: 1, crew: 9 } }]);
  await ships.change(kv, ['kiel', 'k'], (ship) => ({ ...ship, masts: 2 }));
  expect((await kv.get('ships/kiel/k'))?.value).toEqual({ name: 'k', masts: 2, crew: 9 });
});

test('a change is made on what is there when it is written', async () => {
  const kv = await harbour();
  let disturbed = false;
  const seen: number[] = [];
  const next = await ships.change(kv, ['bremen', 'a'], (ship) => {
    seen.push(ship.masts);
    if (!disturbed) void kv.commit([], [ships.put({ ...ship, masts: 7 }, 'bremen', 'a')]);
    disturbed = true;
    return { ...ship, masts: ship.masts + 1 };
  });
  expect(seen).toEqual([1, 7]);
  expect(next).toEqual({ name: 'a', masts: 8 });
});

test('a change that wants nothing writes nothing; one of nothing finds nothing', async () => {
  const kv = await harbour();
  expect(await ships.change(kv, ['bremen', 'a'], () => undefined)).toEqual({ name: 'a', masts: 1 });
  expect((await ships.get(kv, 'bremen', 'a'))?.revision).toBe(1);
  expect(await ships.change(kv, ['bremen', 'none'], (ship) => ship)).toBeUndefined();
});

test('what goes with a change is written with it or not at all', async () => {
  const kv = await harbour();
  const rename = (ship: Ship): Ship => ({ ...ship, name: 'renamed' });
  await ships.change(kv, ['bremen', 'a'], rename, () => ({ writes: [ships.remove('bremen', 'b')] }));
  expect((await ships.list(kv, ['bremen'])).map(({ value }) => value.name)).toEqual(['renamed']);
});

test('a part of an id is one part', () => {
  expect(() => ships.key('bre/men', 'a')).toThrow("'bre/men' cannot be a part of a key");
  expect(() => ships.key('', 'a')).toThrow();
});

test('a last part that is a name of somebody else may hold slashes, or nothing', async () => {
  const crews = new Collection<string, [port: string, name: string]>('crews', z.string(), { restAt: 1 });
  const kv = createMemoryKv();
  await kv.commit([], [crews.put('one', 'bremen', 'a/b/'), crews.put('two', 'bremen', '')]);
  expect((await crews.list(kv, ['bremen'])).map(({ id }) => id)).toEqual([['bremen', ''], ['bremen', 'a/b/']]); // prettier-ignore
  expect((await crews.get(kv, 'bremen', 'a/b/'))?.value).toBe('one');
  expect(() => crews.key('bre/men', 'a')).toThrow('cannot be a part of a key');
});

test('of many, those that cannot be read are left out and told; a page is as long as it was asked for', async () => {
  const kv = await harbour();
  await kv.commit([], [{ put: 'ships/bremen/aa', value: {} }, { put: 'ships/bremen/ab', value: 'x' }]); // prettier-ignore
  const told: string[] = [];
  const unreadable = (err: DomainError, { key }: Found) => told.push(`${key}: ${err.code}`);
  const page = await ships.list(kv, ['bremen'], { limit: 2, unreadable });
  expect(page.map(({ value }) => value.name)).toEqual(['a', 'b']);
  expect(told).toEqual(['ships/bremen/aa: record_unreadable', 'ships/bremen/ab: record_unreadable']);
  expect(await ships.list(kv, ['bremen'], { limit: 9, unreadable })).toHaveLength(2);
});

test('what a watch told is read like everything else', () => {
  const found = { key: 'ships/kiel/k', value: { name: 'k', masts: 1 }, revision: 4 };
  expect(ships.row(found)).toEqual({ ...found, id: ['kiel', 'k'] });
  expect(() => ships.row({ ...found, value: 1 })).toThrow('cannot be read');
  expect(ships.row({ ...found, value: 1 }, () => undefined)).toBeUndefined();
});
