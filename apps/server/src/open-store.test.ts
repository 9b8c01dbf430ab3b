import { LeafBook } from '@windlass/resources/platform/leaves';
import { DomainError, type ErrorName } from '@windlass/resources/errors';
import { createMemoryKv, keys, STORE_VERSION, type Kv } from '@windlass/resources/store';
import { aBox } from '@windlass/resources/testing';
import { buildApp } from './app.ts';
import { LateDeps } from './late-deps.ts';
import { openStore } from './open-store.ts';
import { openFixture } from './testing/fixture.ts';
import { UnreadableRecords } from './core/unreadable-records.ts';

async function opening(kv: Kv) {
  const refused: string[] = [];
  const told: string[] = [];
  const opened = openStore(kv, { by: 'abc', box: aBox(kv), check: () => Promise.resolve(), tell: (said) => void told.push(said), refuse: (why) => void refused.push(why) }); // prettier-ignore
  return { opened, told, refused };
}

test('a store that is new or current is open without a word', async () => {
  const kv = createMemoryKv();
  for (let i = 0; i < 2; i += 1) {
    const { opened, told, refused } = await opening(kv);
    await opened;
    expect([told, refused]).toEqual([[], []]);
  }
  expect((await kv.get(keys.schema))?.value).toMatchObject({ version: STORE_VERSION, writtenBy: 'abc' });
});

test.each(['store_unavailable', 'store_full'] as const)('while etcd says %s it is waited for', async (code) => {
  const kv = createMemoryKv();
  let failures = 2;
  const failing: Kv = { ...kv, get: (key) => (failures-- > 0 ? Promise.reject(new DomainError(code)) : kv.get(key)) };
  const { opened, refused } = await opening(failing);
  await opened;
  expect(refused).toEqual([code, code]);
});

test.each(['store_newer', 'record_unreadable'] as const)('%s is final', async (code: ErrorName) => {
  const kv = { ...createMemoryKv(), get: () => Promise.reject(new DomainError(code)) };
  await expect((await opening(kv)).opened).rejects.toMatchObject({ code });
});

test('while the store is upgraded everything is answered 503 with that reason, and /readyz says it', async () => {
  const late = new LateDeps('store_unavailable', {
    unreadable: new UnreadableRecords(() => undefined),
    leaves: new LeafBook(),
  });
  const app = await buildApp(late.deps, false);
  const ask = async (url: string) => {
    const { statusCode, body } = await app.inject({ url });
    return [statusCode, JSON.parse(body) as Record<string, unknown>] as const;
  };
  expect(await ask('/v1/databases')).toMatchObject([503, { name: 'store_unavailable' }]);
  late.refuse('store_upgrading');
  expect(await ask('/v1/databases')).toMatchObject([503, { name: 'store_upgrading', message: 'the store is being upgraded' }]); // prettier-ignore
  expect(await ask('/readyz')).toEqual([
    503,
    { status: 'not ready', checks: [{ name: 'store', healthy: false, error: 'being upgraded' }] },
  ]);
  expect(await ask('/healthz')).toEqual([200, { status: 'ok' }]);
  const { deps } = await openFixture();
  late.attach(deps);
  expect(await ask('/readyz')).toMatchObject([200, { status: 'ready' }]);
  expect((await ask('/v1/databases'))[0]).toBe(200);
  await app.close();
});
