import { aBox } from '../testing/a-box.ts';
import { openRealEtcd, type RealEtcd } from '../testing/real-etcd.ts';
import { databaseEntity } from '../entity/index.ts';
import { partOf, planRecords } from '../engine/index.ts';
import { openEtcdKv } from './etcd.ts';
import { keys } from './keys.ts';
import { migrateStore, STORE_VERSION } from './migrate.ts';
import { StoreLock } from './store-lock.ts';

let etcd: RealEtcd;
beforeAll(async () => void (etcd = await openRealEtcd()));
afterAll(() => etcd.close());

test('on etcd: servers that start at once, after one that died with the lock, upgrade the store once', async () => {
  const stores = await Promise.all([1, 2, 3].map(() => openEtcdKv(etcd.connection)));
  const [kv] = stores;
  if (!kv) throw new Error('there are three');
  const ref = { kind: 'thing', id: 'a' };
  const plan = { steps: [{ action: 'create', ref }], desired: [{ ref, spec: {} }], sentences: [], createdAt: 'now' };
  await kv.commit(
    [],
    Array.from({ length: 60 }, (_none, i) => ({
      put: planRecords.key(partOf(databaseEntity('shop')), String(i)),
      value: plan,
    })),
  );
  await StoreLock.take(kv, { by: 'dead' }, 1);
  const told: string[] = [];
  await Promise.all(
    stores.map((one, i) => migrateStore(one, { by: String(i), box: aBox(one), tell: (said) => void told.push(said) })),
  );
  expect((await kv.get(keys.schema))?.value).toMatchObject({ version: STORE_VERSION });
  expect((await kv.list('plans/')).length).toBe(120);
  expect(told.filter((said) => said.startsWith('upgrading'))).toHaveLength(STORE_VERSION);
  expect(told.filter((said) => said.startsWith('another'))).not.toHaveLength(0);
  expect(await kv.get(keys.schemaLock)).toBeUndefined();
  await Promise.all(stores.map((one) => one.close()));
});
