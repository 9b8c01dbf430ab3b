import { heartbeats, hostRecords } from '@windlass/resources/platform/records';
import { hostNow, openFixture, type Fixture } from '../../testing/fixture.ts';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const ready = async () => {
  const { status, body } = await f.call('GET', '/readyz');
  const checks = body['checks'] as { name: string; healthy: boolean; error?: string }[];
  return { status, bad: checks.filter((c) => !c.healthy).map((c) => `${c.name}: ${c.error ?? ''}`) };
};

test('ready while etcd, Temporal and a worker answer', async () => {
  expect(await ready()).toEqual({ status: 200, bad: [] });
});

test('not ready without etcd, and says so', async () => {
  f.storeDown(true);
  expect(await ready()).toEqual({
    status: 503,
    bad: ['etcd: etcd does not answer', 'worker: etcd does not answer'],
  });
});

test('not ready without Temporal, and says so', async () => {
  f.temporal.down = true;
  expect(await ready()).toEqual({
    status: 503,
    bad: ['temporal: Temporal does not answer', 'worker: Temporal does not answer'],
  });
});

test('not ready without a worker, and says so', async () => {
  f.temporal.worker = false;
  expect(await ready()).toEqual({ status: 503, bad: ['worker: no worker polls the queue "control"'] });
});

test('a worker that Temporal still remembers but that gives no sign of life is none', async () => {
  const seenAt = new Date(Date.now() - 11_000).toISOString();
  await f.kv.commit([], [{ put: hostRecords.key('host-1'), value: hostNow({ seenAt }) }]);
  expect(await ready()).toEqual({ status: 503, bad: ['worker: no worker of a host lives'] });
});

test('a worker whose heartbeat has ended is none, although its record is new; one from before heartbeats is judged by its record', async () => {
  await f.kv.commit([], [{ put: hostRecords.key('host-1'), value: hostNow({ heartbeat: true }) }]);
  expect(await ready()).toEqual({ status: 503, bad: ['worker: no worker of a host lives'] });
  const state = async () => ((await f.call('GET', '/v1/hosts/host-1')).body['status'] as { state: string }).state;
  expect(await state()).toBe('unreachable');
  await f.kv.commit([], [{ put: heartbeats.key('host-1'), value: { pid: 1 } }]);
  expect(await ready()).toEqual({ status: 200, bad: [] });
  expect(await state()).toBe('healthy');
  await f.kv.commit([], [{ put: hostRecords.key('host-1'), value: hostNow() }, { remove: heartbeats.key('host-1') }]);
  expect(await state()).toBe('healthy');
});

const certificatesOf = (ends: Readonly<Record<string, string>>) =>
  hostRecords.put(hostNow({ components: { certificates: { healthy: true, error: '', details: ends } } }), 'host-1');

test('a certificate that has ended is named with whose it was and when that was; the server is ready all the same', async () => {
  const ends = {
    'host-1 for etcd': '2026-01-01T00:00:00.000Z',
    'instance shop-n1-a on host-1': '2099-01-01T00:00:00.000Z',
  };
  await f.kv.commit([], [certificatesOf(ends)]);
  expect(await ready()).toEqual({
    status: 200,
    bad: ['certificates: the certificate of host-1 for etcd ended at 2026-01-01T00:00:00.000Z'],
  });
  await f.kv.commit([], [certificatesOf({ ...ends, 'host-1 for etcd': '2099-01-01T00:00:00.000Z' })]);
  expect(await ready()).toEqual({ status: 200, bad: [] });
});

test("one of the server's own is named, also while etcd does not answer", async () => {
  f.leaves.note('the server s1 for etcd', () => ({ ends: new Date('2026-01-01T00:00:00Z'), lifetimeMs: 1000 }));
  const named = 'certificates: the certificate of the server s1 for etcd ended at 2026-01-01T00:00:00.000Z';
  expect((await ready()).bad).toEqual([named]);
  f.storeDown(true);
  expect((await ready()).bad).toContain(named);
});

test('the process is healthy although everything else is away', async () => {
  f.storeDown(true);
  f.temporal.down = true;
  expect(await f.call('GET', '/healthz')).toMatchObject({ status: 200, body: { status: 'ok' } });
});

test('everything that needs the store answers 503 with the reason while it is away, and works again after', async () => {
  f.storeDown(true);
  for (const [method, url] of [
    ['GET', '/v1/databases'],
    ['GET', '/v1/tasks'],
    ['DELETE', '/v1/databases/shop'],
  ] as const) {
    expect(await f.call(method, url)).toMatchObject({
      status: 503,
      headers: { 'goa-error': 'store_unavailable' },
      body: { name: 'store_unavailable', message: 'etcd does not answer' },
    });
  }
  expect((await f.call('GET', '/v1/version')).status).toBe(200);
  f.storeDown(false);
  expect((await f.call('GET', '/v1/databases')).status).toBe(200);
});

test('metrics count answers by operation and status', async () => {
  await f.call('GET', '/v1/version');
  const { body } = await f.app.inject('/metrics');
  expect(body).toContain('windlass_http_request_seconds_count{operation="get-version",status="200"} 1');
});

test('names a certificate that has expired, and tells when each ends', async () => {
  await f.app.close();
  const ends = { ca: '2036-01-01T00:00:00.000Z', server: '2026-01-01T00:00:00.000Z' };
  f = await openFixture('', () => new Date(), { certificateEnds: () => Promise.resolve(ends) });
  const bad = ["certificates: the certificate 'server' expired at 2026-01-01T00:00:00.000Z"];
  expect(await ready()).toEqual({ status: 200, bad }); // what it cannot do without one the other checks say
  const { body } = await f.call('GET', '/readyz');
  expect(body['checks']).toContainEqual(expect.objectContaining({ name: 'certificates', details: ends }));
});

test('names a certificate that cannot be read', async () => {
  await f.app.close();
  f = await openFixture('', () => new Date(), { certificateEnds: () => Promise.reject(new Error('no PEM')) });
  expect(await ready()).toEqual({ status: 200, bad: ['certificates: no PEM'] });
});
