import { randomBytes } from 'node:crypto';
import { finishRotation, KeyRing, keyHolders, wrappedKeyRecords } from '@windlass/resources/store';
import { aBox } from '@windlass/resources/testing';
import { auditIntents } from '@windlass/resources/audit';
import { openFixture, shopSpec, type Fixture } from '../testing/fixture.ts';

const [OLD, NEW] = [Buffer.alloc(32, 1), randomBytes(32)];
const [old, next] = [KeyRing.of(OLD).ids.join(), KeyRing.of(NEW).ids.join()];
const URL = '/v1/cluster/master-key';
let f: Fixture;
beforeEach(async () => {
  f = await openFixture();
  await f.call('POST', '/v1/databases', { id: 'shop', spec: shopSpec });
});
afterEach(() => f.app.close());
const hold = (...keys: Buffer[]) => Object.assign(f.membership, { masterKeys: KeyRing.of(...keys) });
const keyOf = (body: Record<string, unknown>, id: string) =>
  (body['keys'] as { id: string }[]).find((one) => one.id === id);

test('is rotated and forgotten: what is answered says which key does what, and never a key', async () => {
  hold(OLD, NEW);
  await f.kv.commit([], [keyHolders.put({ role: 'server', id: 's1', keys: [old, next] }, 'server.s1.1')]);
  const before = await f.call('GET', URL);
  expect(before).toMatchObject({ status: 200, body: { active: old, state: 'ready', sealed_before: [] } });
  expect(keyOf(before.body, next)).toEqual({ id: next, state: 'spare', data_keys: 0, held_by: ['server s1'] });
  const begun = await f.call('POST', `${URL}/rotate`, {});
  expect(begun).toMatchObject({ status: 200, body: { active: next, state: 'rotating' } });
  expect(keyOf(begun.body, old)).toMatchObject({ state: 'former', data_keys: 1 });
  expect(await f.call('POST', `${URL}/forget`, { id: old })).toMatchObject({ status: 409, body: { name: 'operation_refused' } }); // prettier-ignore
  expect(await finishRotation(f.kv, f.membership.masterKeys)).toBe(true);
  const done = await f.call('GET', URL);
  expect([done.body['state'], keyOf(done.body, next)]).toMatchObject(['ready', { state: 'active', data_keys: 1 }]);
  const forgotten = await f.call('POST', `${URL}/forget`, { id: old });
  expect(keyOf(forgotten.body, old)).toMatchObject({ state: 'forgotten', data_keys: 0 });
  expect(await aBox(f.kv, KeyRing.of(NEW)).open('database/shop/user/app', (await f.kv.get('secrets/database/shop/user/app'))?.value)).toMatch(/^SCRAM/); // prettier-ignore
  expect(JSON.stringify([before.body, begun.body, done.body, forgotten.body])).not.toContain(OLD.toString('hex'));
});

test('is refused without another key, and takes ids alone', async () => {
  const { status, body } = await f.call('POST', `${URL}/rotate`, {});
  expect([status, body['name'], body['message']]).toEqual([409, 'operation_refused', expect.stringContaining('holds no key but')]); // prettier-ignore
  for (const [path, request] of [
    ['rotate', { to: OLD.toString('hex') }],
    ['forget', { id: 'x' }],
    ['forget', {}],
  ] as const)
    // prettier-ignore
    expect(await f.call('POST', `${URL}/${path}`, request)).toMatchObject({ status: 400 });
});

test('what changes it is in the audit, in the transaction that does it', async () => {
  hold(OLD, NEW);
  const intents: unknown[] = [];
  const { commit } = f.kv;
  Object.assign(f.kv, {
    commit: (...args: Parameters<typeof commit>) => {
      intents.push(...args[1].filter((write) => 'put' in write && write.put.startsWith(`${auditIntents.prefix}/`)));
      return commit(...args);
    },
  });
  await f.call('POST', `${URL}/rotate`, {});
  expect(JSON.stringify(intents)).toContain('rotate-master-key');
  expect((await wrappedKeyRecords.get(f.kv, 'database', 'shop'))?.value.by).toBe(old);
});
