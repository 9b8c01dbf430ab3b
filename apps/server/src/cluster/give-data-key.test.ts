import { databaseEntity } from '@windlass/resources/entity';
import { partOf } from '@windlass/resources/plan';
import { instanceStatuses } from '@windlass/resources/postgres/records';
import type { MemberRecord } from '@windlass/resources/platform/records';
import { resourceRecords } from '@windlass/resources/records';
import { createSecretBox, createSecrets, dataKeyRecords, keys, type KeySource } from '@windlass/resources/store';
import { aResource } from '@windlass/resources/testing';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';
import { giveDataKey } from './give-data-key.ts';

let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
  expect((await f.call('POST', '/v1/databases', { id: 'shop', spec: shopSpec })).status).toBe(200);
});
afterEach(() => f.app.close());

const host = (id: string): MemberRecord => ({ id, role: 'host', account: `host-${id}-1`, addresses: [], joinedAt: '' });
const ask = (id: string, kind: string, of: string, key_id?: string) =>
  giveDataKey(f.deps, host(id), { kind, id: of, ...(key_id !== undefined && { key_id }) });
const refused = { code: 'operation_refused' };

test('a host opens with it what is of a database on it, and nothing else', async () => {
  const remote: KeySource = {
    open: async ({ kind, id }, keyId) => Buffer.from((await ask('host-1', kind, id, keyId)).key, 'base64'),
    make: () => Promise.reject(new Error('it is there')),
    openFirst: () => Promise.reject(new Error('there are none')),
  };
  const secrets = createSecrets(f.kv, createSecretBox(f.kv, remote));
  expect(await secrets.get('database/shop/user/app')).toMatch(/^SCRAM-SHA-256/);
  await f.call('POST', '/v1/databases', { id: 'other', spec: shopSpec });
  const value = (await f.kv.get(keys.secret('database/other/user/app')))?.value;
  await f.kv.commit([], [{ put: keys.secret('database/shop/user/other'), value }]);
  await expect(secrets.get('database/shop/user/other')).rejects.toThrow(/sealed with key \w+, and that of database\/shop/); // prettier-ignore
});

test('one that has none yet gets one, once, whoever asks', async () => {
  const [first, second] = await Promise.all([ask('host-1', 'backups', 'shop'), ask('host-1', 'backups', 'shop')]);
  expect(first).toEqual(second);
  expect((await dataKeyRecords.get(f.kv, 'backups', 'shop'))?.value.id).toBe(first.key_id);
  expect(Buffer.from(first.key, 'base64')).toHaveLength(32);
});

test.each([
  ['a host that has nothing of it', 'host-2', 'database', 'shop'],
  ['a database that is not there', 'host-1', 'database', 'none'],
  ['what is the cluster’s', 'host-1', 'cluster', 'cluster'],
  ['another kind', 'host-1', 'host', 'shop'],
])('none is given to or for %s, and none is made', async (_what, id, kind, of) => {
  await f.kv.commit([], [dataKeyRecords.remove(kind, of)]);
  await expect(ask(id, kind, of)).rejects.toMatchObject(refused);
  expect(await dataKeyRecords.get(f.kv, kind, of)).toBeUndefined();
});

test('a host that is to have something, still has something, or is told to tidy up gets it; afterwards not', async () => {
  const part = partOf(databaseEntity('shop'));
  const left = { ...aResource('postgres.instance', 'shop-n1-x'), executor: { on: 'host', hostId: 'host-2' } } as const;
  await f.kv.commit([], [resourceRecords.put(left, part, 'postgres.instance::shop-n1-x')]);
  expect((await ask('host-2', 'database', 'shop')).key_id).toMatch(/^[0-9a-f]{16}$/);
  await f.kv.commit([], [resourceRecords.removeUnder(part), instanceStatuses.removeUnder('shop')]);
  await expect(ask('host-2', 'database', 'shop')).rejects.toMatchObject(refused);
  expect((await ask('host-1', 'database', 'shop')).key_id).toMatch(/^[0-9a-f]{16}$/);
});

test('who shows no certificate of a host gets none', async () => {
  const { status, body } = await f.call('POST', '/v1/internal/data-keys', { kind: 'database', id: 'shop' });
  expect([status, body['name']]).toEqual([403, 'not_a_member']);
});

test('what Temporal keeps is read by every host, and by nobody who is none', async () => {
  const given = await Promise.all(['host-1', 'host-2'].map((id) => ask(id, 'temporal', 'payloads')));
  expect(new Set(given.map(({ key_id }) => key_id)).size).toBe(1);
  await expect(ask('host-1', 'temporal', 'other')).rejects.toMatchObject(refused);
  const { status } = await f.call('POST', '/v1/internal/data-keys', { kind: 'temporal', id: 'payloads' });
  expect(status).toBe(403);
});
