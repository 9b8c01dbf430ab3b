import { createSecrets } from '@windlass/resources/store';
import { openWorld, REPLICA } from '../testing/contract-world.ts';
import type { Fixture } from '../testing/fixture.ts';

const url = `/v1/databases/shop/instances/${REPLICA}/log`;
const AT = '2026-01-31T12:00:00.000000001Z';

let f: Fixture;
beforeEach(async () => {
  f = await openWorld('');
  await answer([{ at: AT, text: 'LOG:  ready' }]);
});
afterEach(() => f.app.close());

const answer = async (lines: object[], cut = false) => {
  const { seal } = createSecrets(f.kv, f.deps.box);
  const sealed = await seal(`database/shop/log/${REPLICA}`, JSON.stringify({ lines, cut }));
  f.temporal.results.set('readLog', { sealed });
};

test('the host of the instance is asked; where to go on is in the answer, also when nothing came', async () => {
  const { status, body } = await f.call('GET', `${url}?since=2026-01-31T13:00:00%2B01:00&limit=7`);
  expect([status, body]).toEqual([200, { lines: [{ time: AT, text: 'LOG:  ready' }], cut: false, next: AT }]);
  await answer([], true);
  expect((await f.call('GET', `${url}?after=${AT}`)).body).toEqual({ lines: [], cut: true, next: AT });
  const about = { databaseId: 'shop', nodeName: 'n1', instanceId: REPLICA };
  expect(f.temporal.executed.map(({ input }) => input)).toEqual([
    { ...about, query: { most: 7, since: '2026-01-31T12:00:00.000Z' } },
    { ...about, query: { most: 200, after: AT } },
  ]);
});

test.each([
  [`${url}?limit=1001`, 400, /limit: must be between 1 and 1000/],
  [`${url}?since=yesterday`, 400, /since: must be a time/],
  [`${url}?after=2026-01-31T12:00:00Z`, 400, /after: must be the `next`/],
  ['/v1/databases/shop/instances/shop-n1-none/log', 404, /instance not found/],
  [url.replace('shop', 'none'), 404, /database not found/],
])('%s: %i', async (path, wanted, message) => {
  const { status, body } = await f.call('GET', path);
  expect([status, body['message']]).toEqual([wanted, expect.stringMatching(message)]);
  expect(f.temporal.executed).toEqual([]);
});
