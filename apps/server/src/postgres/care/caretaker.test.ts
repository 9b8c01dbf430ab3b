import { hostRecords } from '@windlass/resources/platform/records';
import { hostNow, openFixture, shopSpec, type Fixture } from '../../testing/fixture.ts';
import { Caretaker } from './caretaker.ts';
import {
  databaseRecords,
  instanceStatuses,
  type DatabaseRecord,
  type InstanceStatus,
} from '@windlass/resources/postgres/records';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';

let f: Fixture;
let clock = Date.now();
const told: string[] = [];
const now = () => new Date(clock);
const later = (ms: number): Promise<void> => {
  clock += ms;
  return refresh();
};
const caretaker = (policy: 'auto' | 'report' = 'auto') =>
  new Caretaker({
    deps: { ...f.deps, now },
    policy,
    tell: (id, reasons) => void told.push(`${id}: ${reasons.join('; ')}`),
    onError: (err) => expect(err).toBeUndefined(),
  });

let status: Partial<InstanceStatus> = {};
let docker = true;
/** The worker reports again. */
const refresh = async (): Promise<void> => {
  const at = now().toISOString();
  const base = { instanceId: 'shop-n1-x', databaseId: 'shop', nodeName: 'n1', hostId: 'host-1', createdAt: at };
  const value = { ...base, sampledAt: at, container: 'absent', writable: false, addresses: [], ...status };
  const host = hostNow({ seenAt: at, components: { docker: { healthy: docker, error: '' } } });
  await f.kv.commit(
    [],
    [
      { put: instanceStatuses.key('shop', 'shop-n1-x'), value },
      { put: hostRecords.key('host-1'), value: host },
    ],
  );
};
const setRecord = async (more: Partial<DatabaseRecord>): Promise<void> => {
  const record = (await f.kv.get(databaseRecords.key('shop')))?.value as DatabaseRecord;
  await f.kv.commit([], [{ put: databaseRecords.key('shop'), value: { ...record, ...more } }]);
};
const tasks = async () =>
  (await f.kv.list(taskRecords.under('database', 'shop'))).map((row) => row.value as TaskRecord).slice(1);

beforeEach(async () => {
  f = await openFixture();
  told.length = 0;
  clock = Date.now();
  [status, docker] = [{}, true];
  await f.call('POST', '/v1/databases', { id: 'shop', spec: shopSpec });
  await setRecord({ state: 'available', openTaskId: undefined });
  f.temporal.running.clear();
  await refresh();
});
afterEach(() => f.app.close());

test('a container that stays away for ten seconds is made again by an update, which says why', async () => {
  const c = caretaker();
  await c.look();
  await later(9000);
  await c.look();
  expect(await tasks()).toEqual([]);
  await later(1500);
  await c.look();
  const [task] = await tasks();
  expect(task).toMatchObject({ type: 'update', status: 'pending' });
  expect((await f.kv.get(databaseRecords.key('shop')))?.value).toMatchObject({ openTaskId: task?.taskId });
  const log = await f.call('GET', `/v1/databases/shop/tasks/${task?.taskId ?? ''}/log`);
  const message = "repairing: instance 'shop-n1-x' on host 'host-1' has no container";
  expect(log.body['entries']).toMatchObject([{ message }]);
  expect(f.temporal.started.at(-1)).toMatchObject({ type: 'updateDatabase', id: 'database/shop' });
});

test('what was put off is done when the host answers, not while its engine is down', async () => {
  [status, docker] = [{ container: 'running', writable: true }, false];
  await setRecord({ waitingFor: ['host-1'] });
  const c = caretaker();
  for (let i = 0; i < 10; i++) {
    await later(2000);
    await c.look();
  }
  expect(told).toEqual([]);
  docker = true;
  for (let i = 0; i < 7; i++) {
    await later(2000);
    await c.look();
  }
  expect(told).toEqual(["shop: host 'host-1' answers again"]);
  expect(await tasks()).toHaveLength(1);
});

test.each<[string, Partial<DatabaseRecord>, Partial<InstanceStatus>]>([
  ['an instance that is to stay stopped', { stoppedInstances: ['shop-n1-x'] }, {}],
  ['a database that failed', { state: 'failed' }, {}],
  ['a database with a task', { openTaskId: 'other' }, {}],
  ['a container that runs', {}, { container: 'running' }],
  ['a container that Docker is restarting', {}, { container: 'stopped' }],
])('%s is left alone', async (_, record, sampled) => {
  status = sampled;
  await setRecord(record);
  const c = caretaker();
  for (let i = 0; i < 10; i++) {
    await later(2000);
    await c.look();
  }
  expect(told).toEqual([]);
  expect(await tasks()).toEqual([]);
});

test('a repair that does not help is tried again after a minute, not at once', async () => {
  const c = caretaker();
  for (let i = 0; i < 30; i++) {
    await later(2000);
    await c.look();
    await setRecord({ state: 'available', openTaskId: undefined });
  }
  expect(await tasks()).toHaveLength(1);
  for (let i = 0; i < 10; i++) {
    await later(2000);
    await c.look();
  }
  expect(await tasks()).toHaveLength(2);
});

test('a policy of report tells and changes nothing', async () => {
  const c = caretaker('report');
  for (let i = 0; i < 7; i++) {
    await later(2000);
    await c.look();
  }
  expect(told).toHaveLength(1);
  expect(await tasks()).toEqual([]);
});

test('two servers open one repair', async () => {
  const both = [caretaker(), caretaker()];
  for (let i = 0; i < 7; i++) {
    await later(2000);
    await Promise.all(both.map((c) => c.look()));
  }
  expect(await tasks()).toHaveLength(1);
});

test('records that cannot be read, of a database, an instance and a host, keep no other from being repaired', async () => {
  const broken = [
    databaseRecords.key('broken'),
    instanceStatuses.key('shop', 'shop-n1-broken'),
    hostRecords.key('broken'),
  ];
  await f.kv.commit([], broken.map((put) => ({ put, value: { id: 'broken' } }))); // prettier-ignore
  const c = caretaker();
  await c.look();
  await later(10_000);
  await c.look();
  expect(await tasks()).toHaveLength(1);
  expect([...f.told].sort()).toEqual([...broken].sort());
});
