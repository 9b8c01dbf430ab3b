import http from 'node:http';
import { taskRecords } from '@windlass/resources/tasks';
import type { AddressInfo } from 'node:net';
import { type Kv, type KvChange } from '@windlass/resources/store';
import { openFixture, shopSpec, type Fixture } from './testing/fixture.ts';
import { EventFeed } from './core/plugins/event-feed.ts';
import { EVENT_SOURCES } from './event-sources.ts';
import { instanceStatuses, type InstanceStatus } from '@windlass/resources/postgres/records';

let f: Fixture;
beforeEach(async () => void (f = await openFixture()));
afterEach(() => f.app.close());

const status: InstanceStatus = {
  instanceId: 'shop-n1-689qacsi',
  databaseId: 'shop',
  nodeName: 'n1',
  hostId: 'host-1',
  createdAt: '2026-01-02T03:04:05.678Z',
  sampledAt: '2026-01-02T03:04:05.678Z',
  container: 'running',
  writable: true,
  addresses: [],
};
const statusKey = instanceStatuses.key('shop', status.instanceId);

/** A client of /v1/events over a real connection. */
async function listen(): Promise<{ until(text: string): Promise<string>; ended: Promise<void> }> {
  if (!f.app.server.listening) await f.app.listen({ host: '127.0.0.1', port: 0 });
  const { port } = f.app.server.address() as AddressInfo;
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    http.get({ host: '127.0.0.1', port, path: '/v1/events' }, resolve).on('error', reject);
  });
  expect(response.headers['content-type']).toBe('text/event-stream');
  let seen = '';
  response.setEncoding('utf8');
  const until = (text: string): Promise<string> =>
    new Promise((resolve) => {
      const look = (): void => void (seen.includes(text) && resolve(seen));
      response.on('data', look);
      look();
    });
  response.on('data', (data: string) => (seen += data));
  const ended = new Promise<void>((resolve) => response.on('end', resolve));
  await until(': connected');
  return { until, ended };
}

test('every listener hears of tasks and instances, once for each change', async () => {
  const clients = [await listen(), await listen()];
  await f.call('POST', '/v1/databases', { id: 'shop', spec: shopSpec });
  await f.kv.commit([], [{ put: statusKey, value: status }]);
  await f.kv.commit([], [{ put: statusKey, value: { ...status, sampledAt: '2026-01-02T03:04:09.000Z' } }]);
  await f.kv.commit([], [{ put: statusKey, value: { ...status, writable: false } }]);
  await f.kv.commit([], [{ remove: statusKey }]);
  for (const client of clients) {
    const text = await client.until('"deleted":true');
    expect(text.match(/^event: .*$/gm)).toEqual(['task', 'instance', 'instance', 'instance'].map((n) => `event: ${n}`));
    expect(text).toContain('"type":"create","status":"pending"');
    expect(text).not.toContain('hush');
  }
});

test('the server stops although somebody listens, and the listener is told', async () => {
  const client = await listen();
  await f.app.close();
  await client.ended;
});

test('a record that cannot be shown breaks nothing', async () => {
  const client = await listen();
  await f.kv.commit([], [{ put: taskRecords.key('database', 'shop', 'broken'), value: { taskId: 'broken' } }]);
  await f.kv.commit([], [{ put: statusKey, value: status }]);
  expect(await client.until('"writable":true')).not.toContain('broken');
});

test('a record that cannot be read keeps nothing else from being known, and is told with its key', async () => {
  await f.kv.commit([], [{ put: instanceStatuses.key('shop', 'a'), value: {} }, { put: statusKey, value: status }]); // prettier-ignore
  const errors: unknown[] = [];
  const feed = new EventFeed(f.kv, EVENT_SOURCES, (err) => errors.push(err));
  const heard: string[] = [];
  await feed.subscribe(({ text }) => heard.push(text));
  await f.kv.commit([], [{ put: statusKey, value: { ...status, sampledAt: '2026-01-02T03:04:09.000Z' } }]);
  await f.kv.commit([], [{ put: statusKey, value: { ...status, writable: false } }]);
  await feed.close();
  expect(heard).toEqual([expect.stringContaining('"writable":false')]);
  expect(errors.map(String)).toEqual([expect.stringContaining("'instance-status/shop/a'")]);
});

test('what was missed while the watch was broken is made up for', async () => {
  const resyncs: (() => void)[] = [];
  const kv: Kv = {
    ...f.kv,
    watch: (_prefix, _onChange: (change: KvChange) => void, onResync) => {
      resyncs.push(onResync);
      return Promise.resolve({ close: () => Promise.resolve() });
    },
  };
  const feed = new EventFeed(kv, EVENT_SOURCES, () => undefined);
  const heard: string[] = [];
  await feed.subscribe(({ text }) => heard.push(text));
  await f.kv.commit([], [{ put: statusKey, value: status }]);
  for (const resync of resyncs) resync();
  await feed.close();
  expect(heard).toEqual([expect.stringContaining('event: instance')]);
});

test('the store is watched only while somebody listens, and what a listener finds there is no event', async () => {
  let open = 0;
  const kv: Kv = {
    ...f.kv,
    watch: async (...args) => {
      const watch = await f.kv.watch(...args);
      open += 1;
      return { close: () => watch.close().then(() => void (open -= 1)) };
    },
  };
  await f.kv.commit([], [{ put: statusKey, value: status }]);
  const feed = new EventFeed(kv, EVENT_SOURCES, (err) => expect(err).toBeUndefined());
  expect(open).toBe(0);
  const heard: string[] = [];
  const leave = await feed.subscribe(({ text }) => heard.push(text));
  expect(open).toBe(3);
  await f.kv.commit([], [{ put: statusKey, value: { ...status, sampledAt: '2026-01-02T03:04:09.000Z' } }]);
  await f.kv.commit([], [{ put: statusKey, value: { ...status, writable: false } }]);
  expect(heard).toEqual([expect.stringContaining('"writable":false')]);
  await leave();
  await f.kv.commit([], [{ put: statusKey, value: status }]);
  expect([heard.length, open]).toEqual([1, 0]);
  await feed.subscribe(({ text }) => heard.push(text));
  expect(open).toBe(3);
  await feed.close();
});
