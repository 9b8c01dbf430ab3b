import { aBox } from '../testing/a-box.ts';
import { keys } from './keys.ts';
import type { Kv } from './kv.ts';
import { createMemoryKv } from './memory.ts';
import { migrateStore, STORE_VERSION, type MigrateOptions } from './migrate.ts';
import { MIGRATIONS } from './migrations/index.ts';
import type { Migration } from './migrations/migration.ts';
import type { SchemaRecord } from './schema.ts';
import { LockLostError, StoreLock } from './store-lock.ts';

/** Ships get masts, then flags: the second relies on the first. */
const adds = (version: number, field: string, needs: string, oldestReader = 0): Migration => ({
  version,
  name: `${field} for ships`,
  oldestReader,
  prefix: 'ships/',
  change: (key, value) => {
    const ship = value as Record<string, unknown>;
    return field in ship || !(needs in ship) ? [] : [{ put: key, value: { ...ship, [field]: version } }];
  },
});
const TWO = [adds(1, 'masts', 'name'), adds(2, 'flags', 'masts', 1)];

async function fleet(ships = 3): Promise<Kv> {
  const kv = createMemoryKv();
  for (let i = 0; i < ships; i += 1) await kv.commit([], [{ put: `ships/${String(i).padStart(3, '0')}`, value: { name: 'a' } }]); // prettier-ignore
  return kv;
}
const told: string[] = [];
beforeEach(() => void told.splice(0));
const options = (more: Partial<MigrateOptions> = {}): MigrateOptions => ({
  by: 'abc1234',
  box: aBox(createMemoryKv()),
  tell: (sentence) => void told.push(sentence),
  migrations: TWO,
  lookAgainMs: 1,
  ...more,
});
const shipsOf = async (kv: Kv) => (await kv.list('ships/')).map(({ value }) => value);
const schemaOf = async (kv: Kv) => (await kv.get(keys.schema))?.value as SchemaRecord | undefined;

test('every migration has the number of its place, and a program knows as many versions as there are', () => {
  expect(MIGRATIONS.map(({ version }) => version)).toEqual(MIGRATIONS.map((_one, i) => i + 1));
  expect(STORE_VERSION).toBe(MIGRATIONS.length);
});

test('a new store is of the newest version at once', async () => {
  const kv = createMemoryKv();
  await migrateStore(kv, options());
  expect(await schemaOf(kv)).toEqual({ version: 2, oldestReader: 1, writtenBy: 'abc1234' });
  expect([told, await kv.get(keys.schemaLock)]).toEqual([[], undefined]);
});

test('an older store gets what it misses, in order and in pages, and is told about; once', async () => {
  const kv = await fleet(120);
  await migrateStore(kv, options());
  expect(await shipsOf(kv)).toEqual(Array.from({ length: 120 }, () => ({ name: 'a', masts: 1, flags: 2 })));
  expect(await schemaOf(kv)).toMatchObject({ version: 2, oldestReader: 1 });
  expect(told).toEqual([
    'upgrading the store to version 1: masts for ships',
    'the store is of version 1 now: 120 records were changed',
    'upgrading the store to version 2: flags for ships',
    'the store is of version 2 now: 120 records were changed',
  ]);
  const revision = await kv.commit([], []);
  await migrateStore(kv, options());
  expect(await kv.commit([], [])).toBe(revision);
});

test('of several servers that start at once one does it, and all of them end up with the same', async () => {
  const kv = await fleet();
  await Promise.all([1, 2, 3].map((n) => migrateStore(kv, options({ by: String(n) }))));
  expect(await shipsOf(kv)).toEqual(Array.from({ length: 3 }, () => ({ name: 'a', masts: 1, flags: 2 })));
  expect(told.filter((sentence) => sentence.startsWith('upgrading')).length).toBe(2);
  expect(told).toContain('another server is upgrading the store: waiting for it');
});

/** A process that ends at its n-th transaction: nothing it does afterwards happens. */
function dyingAt(kv: Kv, n: number): Kv {
  let left = n;
  return { ...kv, commit: (...args) => (left-- > 0 ? kv.commit(...args) : Promise.reject(new Error('killed'))) };
}

test('who dies at any moment is followed by another, which goes on where it ended', async () => {
  let deaths = 0;
  for (let n = 1; ; n += 1) {
    const kv = await fleet(2);
    const died = await migrateStore(dyingAt(kv, n), options({ lockSeconds: 0.01 })).then(
      () => false,
      () => true,
    );
    if (!died) break;
    deaths += 1;
    await migrateStore(kv, options());
    expect(await shipsOf(kv)).toEqual([1, 2].map(() => ({ name: 'a', masts: 1, flags: 2 })));
    expect(await schemaOf(kv)).toMatchObject({ version: 2 });
  }
  expect(deaths).toBeGreaterThan(8);
});

test('who stood still and lost the lock writes nothing any more', async () => {
  const kv = await fleet();
  const first = await StoreLock.take(kv, {}, 60);
  await kv.commit([], [{ remove: keys.schemaLock }]);
  const second = await StoreLock.take(kv, {}, 60);
  expect(await StoreLock.take(kv, {})).toBeUndefined();
  await expect(first?.commit([], [{ put: 'ships/x', value: 1 }])).rejects.toBeInstanceOf(LockLostError);
  await first?.release();
  expect([await kv.get('ships/x'), await second?.commit([], [])]).toEqual([undefined, true]);
});

test('a record that is changed meanwhile keeps the change', async () => {
  const kv = await fleet(1);
  let once = true;
  const busy: Kv = {
    ...kv,
    commit: async (expect, writes) => {
      if (once && writes.some((w) => 'put' in w && w.put === 'ships/000')) {
        once = false;
        await kv.commit([], [{ put: 'ships/000', value: { name: 'renamed' } }]);
      }
      return kv.commit(expect, writes);
    },
  };
  await migrateStore(busy, options());
  expect(await shipsOf(kv)).toEqual([{ name: 'renamed', masts: 1, flags: 2 }]);
});

test('a program that would lose something refuses, in words; one that loses nothing may go on', async () => {
  const kv = await fleet();
  await migrateStore(kv, options({ by: 'new' }));
  const old = migrateStore(kv, options({ migrations: [] }));
  await expect(old).rejects.toMatchObject({
    code: 'store_newer',
    message:
      'the store is of version 2, which Windlass new made of it; this program knows version 0, and at least 1 is needed to lose ' +
      'nothing: start the newer program again, or restore the copy of etcd from before the upgrade',
  });
  told.splice(0);
  await migrateStore(kv, options({ migrations: TWO.slice(0, 1) }));
  expect(told).toEqual(["the store is of version 2, newer than this program's 1: nothing it does is lost"]);
  expect(await schemaOf(kv)).toMatchObject({ version: 2, writtenBy: 'new' });
});
