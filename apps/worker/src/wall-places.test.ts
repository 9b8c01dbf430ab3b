import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import { createMemoryKv } from '@windlass/resources/store';
import { readConfig } from './config.ts';
import { publishOn, wallPlaces } from './wall-places.ts';

const log = { info: () => undefined, warn: () => undefined };
const config = (more: Record<string, string> = {}) =>
  readConfig({
    ...{ WINDLASS_DATA_DIR: '/data', WINDLASS_CA_CERT: 'ca.crt', WINDLASS_CA_KEY: 'ca.key', WINDLASS_CLIENT_CERT: 'c.crt' },
    ...{ WINDLASS_CLIENT_KEY: 'c.key', WINDLASS_MASTER_KEY_FILE: 'master.key' },
    ...more,
  }); // prettier-ignore
const hostAt = (id: string, address: string): HostRecord => ({
  id, dataDir: '/data', swarmNodeId: id, controlAvailable: true, peerAddresses: [address], clientAddresses: [address], cpus: 2,
  memoryBytes: 1, images: [], components: {}, seenAt: '',
}); // prettier-ignore

test('open are etcd and what is allowed, machines are hosts and what the worker is told of, as long as etcd is away, too', async () => {
  const kv = createMemoryKv();
  for (const host of [hostAt('a', '127.0.0.1'), hostAt('b', '192.0.2.8')])
    await kv.commit([], [hostRecords.put(host, host.id)]);
  let away = false;
  const list: typeof kv.list = (...args) => (away ? Promise.reject(new Error('no etcd')) : kv.list(...args));
  const look = wallPlaces(
    config({
      WINDLASS_ADVERTISED_ETCD_ENDPOINTS: 'https://192.0.2.1:2379,https://localhost',
      WINDLASS_SERVER_URLS: 'https://192.0.2.2:3000',
      WINDLASS_TEMPORAL_ADDRESS: '192.0.2.3:7233',
      WINDLASS_DATABASES_MAY_REACH: '192.0.2.7:9000,nowhere.invalid:1',
    }),
    { ...kv, list },
    log,
  );
  const found = {
    open: [
      { address: '192.0.2.1', port: 2379 },
      { address: '127.0.0.1', port: 443 },
      { address: '192.0.2.7', port: 9000 },
    ],
    machines: ['192.0.2.1', '192.0.2.2', '192.0.2.3', '192.0.2.8'],
    publishOn: ['127.0.0.1'],
  };
  expect(await look()).toEqual(found);
  away = true;
  expect(await look()).toEqual(found);
});

test.each([
  ['the client addresses, where they are of this machine', { WINDLASS_CLIENT_ADDRESSES: '192.0.2.7' }, ['192.0.2.7']],
  ['everywhere, where one of them is not', { WINDLASS_CLIENT_ADDRESSES: '192.0.2.7,203.0.113.1' }, undefined],
  ['everywhere, where clients are told a name', { WINDLASS_CLIENT_ADDRESSES: 'db.example.com' }, undefined],
  ['what is said', { WINDLASS_PUBLISH_ADDRESSES: '10.0.0.4', WINDLASS_CLIENT_ADDRESSES: '203.0.113.1' }, ['10.0.0.4']],
  ['everywhere, if that is said', { WINDLASS_PUBLISH_ADDRESSES: '0.0.0.0' }, undefined],
])('ports are published at %s', (_where, settings: Record<string, string>, addresses) => {
  expect(publishOn(config(settings), new Set(['127.0.0.1', '192.0.2.7']))).toEqual(addresses);
});
