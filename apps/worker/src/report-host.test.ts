import { LeafBook } from '@windlass/resources/platform/leaves';
import { mkdtemp, readFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { DomainError } from '@windlass/resources/errors';
import { hostRecords } from '@windlass/resources/platform/records';
import { SWARM_SECRET } from '@windlass/resources/platform/api';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import type { Clients } from '@windlass/resources/postgres/clients';
import { createFakeClients } from '@windlass/resources/testing';
import { readConfig } from './config.ts';
import { certificateLooks } from './look-at-certificates.ts';
import { describeHost } from './describe-host.ts';
import { HostRemovedError, HostReporter } from './report-host.ts';

let kv: Kv;
let folder: string;
let clients: Clients;
const reporters: HostReporter[] = [];
beforeEach(async () => {
  kv = createMemoryKv();
  folder = await mkdtemp(path.join(tmpdir(), 'windlass-report-'));
  clients = await createFakeClients(folder);
  jest.useFakeTimers({ doNotFake: ['performance', 'nextTick', 'setImmediate'] });
});
afterEach(() => {
  reporters.splice(0).forEach((reporter) => reporter.stop());
  jest.useRealTimers();
});

const config = () =>
  readConfig({
    WINDLASS_HOST_ID: 'host-1',
    WINDLASS_DATA_DIR: folder,
    WINDLASS_CA_CERT: 'ca.crt',
    WINDLASS_CA_KEY: 'ca.key',
    WINDLASS_CLIENT_CERT: 'c.crt',
    WINDLASS_CLIENT_KEY: 'c.key',
    WINDLASS_MASTER_KEY_FILE: 'master.key',
    WINDLASS_HEALTH_FILE: path.join(folder, 'health'),
  });
const leaves = new LeafBook();
const probes = (pingTemporal: () => Promise<unknown> = () => Promise.resolve()) => ({
  kv,
  clients: { ...clients, host: { ...clients.host, hostId: 'host-1', dataDir: folder } },
  pingTemporal,
  certificates: () => Promise.resolve({ healthy: true, error: '' }),
  clock: () => Promise.resolve({ healthy: true, error: '' }),
  firewall: () => Promise.resolve({ healthy: true, error: '' }),
  heartbeat: true,
  leaves,
});
function start(errors: unknown[] = []) {
  const reporter = new HostReporter(probes(), config(), (err) => errors.push(err));
  reporters.push(reporter);
  const removed: Error[] = [];
  return { removed, started: reporter.start((err) => removed.push(err)) };
}
const record = async () => (await hostRecords.get(kv, 'host-1'))?.value;

/** Lets the next report begin, and waits for what follows from it: real files are written, and a busy machine takes its time. */
async function nextReport(hasFollowed: () => boolean | Promise<boolean>): Promise<void> {
  await jest.advanceTimersByTimeAsync(4000);
  const until = performance.now() + 4000;
  while (!(await hasFollowed()) && performance.now() < until) await new Promise(setImmediate);
}

test('a host tells what it is, and its parts', async () => {
  await start().started;
  expect(await record()).toMatchObject({ id: 'host-1', dataDir: folder, controlAvailable: true });
  const { components = {} } = (await record()) ?? {};
  expect(Object.keys(components).sort()).toEqual([
    'certificates',
    'clock',
    'disk',
    'docker',
    'etcd',
    'firewall',
    'temporal',
  ]);
  for (const part of Object.values(components)) expect(part).toMatchObject({ healthy: true, error: '' });
  expect(components['docker']?.details).toMatchObject({ 'swarm.local_node_state': 'active', containers: 0 });
  expect(await clients.secrets.get(SWARM_SECRET)).toContain('SWMTKN-1-');
});

test('a part that fails is named with its reason; one that hangs is not waited for', async () => {
  const failing = await describeHost(
    probes(() => Promise.reject(new Error('connection refused'))),
    config(),
  );
  expect(failing.components['temporal']).toEqual({ healthy: false, error: 'connection refused' });
  const hanging = describeHost(
    probes(() => new Promise(() => undefined)),
    config(),
  );
  await jest.advanceTimersByTimeAsync(2000);
  expect((await hanging).components['temporal']).toEqual({ healthy: false, error: 'no answer within 2 s' });
});

test('an engine that does not answer still has the images that it was last seen with', async () => {
  const image = { id: 'sha256:1', references: ['windlass/postgres:17'], postgresVersion: '17.6' };
  Object.assign(clients.docker, { postgresImages: () => Promise.resolve([image]) });
  expect((await describeHost(probes(), config())).images).toEqual([image]);
  Object.assign(clients.docker, { engine: () => Promise.reject(new Error('no engine')) });
  const silent = await describeHost(probes(), config(), { images: [image] });
  expect(silent).toMatchObject({ images: [image], components: { docker: { healthy: false, error: 'no engine' } } });
});

test('the health file is written after the record, and not at all when the record cannot be stored', async () => {
  const commit = kv.commit;
  kv = { ...kv, commit: () => Promise.reject(new Error('etcd is away')) };
  await expect(start().started).rejects.toThrow('etcd is away');
  await expect(readFile(config().WINDLASS_HEALTH_FILE ?? '')).rejects.toThrow('ENOENT');
  kv = { ...kv, commit };
  await start().started;
  expect(await readFile(config().WINDLASS_HEALTH_FILE ?? '', 'utf8')).toBe((await record())?.seenAt);
});

test('the record is renewed', async () => {
  await start().started;
  const before = (await record())?.seenAt;
  await nextReport(async () => (await record())?.seenAt !== before);
  expect((await record())?.seenAt).not.toBe(before);
});

test('what was written about its images while it looked is looked at anew', async () => {
  await start().started;
  const found = clients.docker.postgresImages;
  const newer = { id: 'sha256:2', postgresVersion: '17.6', references: ['shop:1'] };
  let looks = 0;
  clients.docker.postgresImages = async () => {
    looks += 1;
    if (looks > 1) return [newer];
    await hostRecords.change(kv, ['host-1'], (known) => ({ ...known, images: [newer] }));
    return found();
  };
  await nextReport(() => looks > 1);
  expect((await record())?.images).toEqual([newer]);
});

test('a record that was removed is not made again, and the worker is told', async () => {
  const { removed, started } = start();
  await started;
  await kv.commit([], [hostRecords.remove('host-1')]);
  await nextReport(() => removed.length > 0);
  expect(removed).toEqual([expect.any(HostRemovedError)]);
  expect(await record()).toBeUndefined();
});

test('a worker whose account is gone is told, too', async () => {
  const { removed, started } = start();
  await started;
  kv.commit = () => Promise.reject(new DomainError('not_a_member', 'etcd refuses this account'));
  await nextReport(() => removed.length > 0);
  expect(removed).toEqual([expect.any(HostRemovedError)]);
});

test('a host that was removed while its worker was away finds that out when it comes back', async () => {
  await start().started;
  await kv.commit([], [hostRecords.remove('host-1')]);
  await expect(start().started).rejects.toThrow("host 'host-1' was removed from the cluster");
  expect(await record()).toBeUndefined();
});

test('a worker that is started again goes on with the record that is there', async () => {
  await start().started;
  const { removed, started } = start();
  await started;
  const before = (await record())?.seenAt;
  await nextReport(async () => (await record())?.seenAt !== before);
  expect((await record())?.seenAt).not.toBe(before);
  expect(removed).toEqual([]);
});

test('a record of its own that cannot be read is told and written over', async () => {
  await kv.commit([], [{ put: hostRecords.key('host-1'), value: { id: 'host-1', images: 'none' } }]);
  const errors: unknown[] = [];
  await start(errors).started;
  expect(await record()).toMatchObject({ id: 'host-1', dataDir: folder });
  expect(errors).toMatchObject([{ code: 'record_unreadable' }]);
});

test('a certificate that has ended is named, and the end of each is told', async () => {
  const ends = (at: string) => () => ({ ends: new Date(at), lifetimeMs: 60_000 });
  const book = new LeafBook();
  book.note('host-1 for etcd', ends('2026-01-01T00:00:00Z'));
  book.note('instance shop-n1-a on host-1', ends('2099-01-01T00:00:00Z'));
  const certificates = certificateLooks({ WINDLASS_CA_CERT: '/none', WINDLASS_TEMPORAL_TLS_CERT: undefined }, book);
  const { components } = await describeHost({ ...probes(), certificates }, config());
  expect(components['certificates']).toEqual({
    healthy: false,
    error: 'the certificate of host-1 for etcd ended at 2026-01-01T00:00:00.000Z',
    details: {
      'host-1 for etcd': '2026-01-01T00:00:00.000Z',
      'instance shop-n1-a on host-1': '2099-01-01T00:00:00.000Z',
    },
  });
});
