import { createMemoryKv, portHolders, type Kv } from '@windlass/resources/store';
import { databaseSpecs, leftoverRecords } from '@windlass/resources/postgres/records';
import { MockActivityEnvironment } from '@temporalio/testing';
import { awaitUpdate } from './await-update.ts';
import type { ActivityDeps } from '../core/deps.ts';
import { failRemoval, forgetHost } from './end-removal.ts';
import { beginRemoval } from './remove-host.ts';
import {
  drainRecords,
  heartbeats,
  hostRecords,
  memberRecords,
  removalRecords,
  type HostRecord,
} from '@windlass/resources/platform/records';
import { outboxEntries, taskLogEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const task = { hostId: 'host-2', taskId: 't1' };
let kv: Kv;
let removedUsers: string[];
let deps: ActivityDeps;

const record = (more: Partial<TaskRecord> = {}): TaskRecord => ({
  taskId: 't1',
  scope: 'host',
  entityId: 'host-2',
  hostId: 'host-2',
  type: 'remove_host',
  status: 'pending',
  createdAt: '2026-01-01T00:00:00Z',
  workflowId: 'host/host-2',
  ...more,
});
const HOST = { dataDir: '/data', peerAddresses: [], clientAddresses: [], cpus: 2, memoryBytes: 8e9, images: [], components: {} }; // prettier-ignore
const host = (id: string, more: Partial<HostRecord> = {}) => ({
  put: hostRecords.key(id),
  value: { ...HOST, id, swarmNodeId: `node-${id}`, controlAvailable: true, seenAt: new Date().toISOString(), ...more },
});
const taskNow = async () => (await kv.get(taskRecords.key('host', 'host-2', 't1')))?.value as TaskRecord;
const log = async () =>
  (await kv.list(taskLogEntries.under('host', 'host-2', 't1'))).map(
    (row) => (row.value as { message: string }).message,
  );

beforeEach(async () => {
  kv = createMemoryKv();
  removedUsers = [];
  const dcs = { removeUser: (name: string) => Promise.resolve(void removedUsers.push(name)) };
  deps = { kv, clients: { dcs } } as unknown as ActivityDeps;
  await kv.commit(
    [],
    [
      { put: taskRecords.key('host', 'host-2', 't1'), value: record() },
      { put: removalRecords.key('host-2'), value: { ...task, updates: [{ databaseId: 'shop', taskId: 'u1' }] } },
      host('host-1'),
      host('host-2'),
    ],
  );
});

test('begins once: running, logged, and says what there is to do', async () => {
  const begun = await beginRemoval(deps)(task);
  expect(begun).toEqual({
    updates: [{ databaseId: 'shop', taskId: 'u1' }],
    swarm: { nodeId: 'node-host-2', queue: 'host.host-1' },
  });
  await beginRemoval(deps)(task);
  expect([(await taskNow()).status, await log()]).toEqual(['running', ["removing host 'host-2'"]]);
});

test.each<[string, ReturnType<typeof host>]>([
  ['another host is on the same engine', host('host-1', { swarmNodeId: 'node-host-2' })],
  ['no other host is a manager', host('host-1', { controlAvailable: false })],
  ['no other manager answers', host('host-1', { seenAt: '2026-01-01T00:00:00Z' })],
])('its node stays in the swarm when %s', async (_why, other) => {
  await kv.commit([], [other]);
  expect(await beginRemoval(deps)(task)).not.toHaveProperty('swarm');
});

test('it leaves the outbox as it begins, as every task does', async () => {
  await kv.commit([], [{ put: outboxEntries.key('t1'), value: {} }]);
  await beginRemoval(deps)(task);
  expect(await kv.get(outboxEntries.key('t1'))).toBeUndefined();
});

test('a removal that is no longer the one asked for changes nothing', async () => {
  await kv.commit([], [{ put: removalRecords.key('host-2'), value: { ...task, taskId: 't2', updates: [] } }]);
  await expect(beginRemoval(deps)(task)).rejects.toMatchObject({ code: 'stale_task' });
  await expect(forgetHost(deps)(task)).rejects.toMatchObject({ code: 'stale_task' });
  expect(await kv.get(hostRecords.key('host-2'))).toBeDefined();
});

describe('waiting for an update', () => {
  const update = { databaseId: 'shop', taskId: 'u1' };
  const put = (status: TaskRecord['status'], error?: string) =>
    kv.commit([], [{ put: taskRecords.key('database', 'shop', 'u1'), value: { ...record(), status, error } }]);
  const wait = () =>
    new MockActivityEnvironment().run(awaitUpdate(deps), { ...task, update }) as Promise<{ failed?: string }>;

  test('ends when it is completed', async () => {
    await put('running');
    const waiting = wait();
    await put('completed');
    expect(await waiting).toEqual({});
    expect(await log()).toEqual([
      "removing host from database 'shop'",
      "successfully removing host from database 'shop'",
    ]);
  });

  test('says why it failed', async () => {
    await put('failed', 'no room');
    expect(await wait()).toEqual({ failed: "database 'shop': no room" });
    expect(await log()).toContain("failed to update database 'shop'");
  });

  test('a task that is gone has failed', async () => {
    expect(await wait()).toEqual({ failed: "database 'shop': its task is gone" });
  });

  test('ends when it is canceled itself', async () => {
    await put('running');
    const environment = new MockActivityEnvironment();
    const waiting = environment.run(awaitUpdate(deps), { ...task, update });
    environment.cancel('CANCELLED');
    await expect(waiting).rejects.toThrow(/CANCELLED/);
  });
});

describe('the end', () => {
  const member = { id: 'host-2', role: 'host', account: 'host-host-2-1a2b3c4d', addresses: [], joinedAt: '2026-01-01T00:00:00Z' }; // prettier-ignore
  const resource = {
    ...{ ref: { kind: 'a', id: 'b' }, version: 1, spec: {}, executor: { on: 'host', hostId: 'host-2' }, dependsOn: [] },
    ...{ phase: 'ready', inputsHash: '', taskId: 't', updatedAt: '2026-01-01T00:00:00Z' },
  };
  beforeEach(() =>
    kv.commit(
      [],
      [
        { put: memberRecords.key('host', 'host-2'), value: member },
        { put: leftoverRecords.key('host-2', 'old'), value: {} },
        { put: heartbeats.key('host-2'), value: {} },
        drainRecords.put({ hostId: 'host-2', taskId: 'd1', since: '', moves: [] }, 'host-2'),
        { put: portHolders.key('host-2', '5432'), value: 'old' },
        { put: portHolders.key('host-22', '5432'), value: 'other' },
        { put: 'specs/stream.orders', value: { tables: [] } }, // of another kind than databases
      ],
    ),
  );

  test('nothing is kept of the host but its tasks; its account is gone', async () => {
    await forgetHost(deps)(task);
    expect(removedUsers).toEqual(['host-host-2-1a2b3c4d']);
    const left = (await kv.list('')).map((row) => row.key).filter((key) => !key.startsWith('task'));
    expect(left).toEqual([hostRecords.key('host-1'), portHolders.key('host-22', '5432'), 'specs/stream.orders']);
    expect(await taskNow()).toMatchObject({ status: 'completed', completedAt: expect.any(String) as string });
    expect(await log()).toEqual(["successfully removed host 'host-2'"]);
  });

  test.each([
    [
      "database 'shop'",
      'is declared on it',
      databaseSpecs.key('shop'),
      { spec: { nodes: [{ host_ids: ['host-1', 'host-2'] }] } },
    ],
    ["database 'shop'", 'has something on it', 'resources/shop/a::b', resource],
    ["stream 'orders'", 'has something on it', 'resources/stream.orders/a::b', resource],
  ])('a host stays while %s %s', async (who, _what, key, value) => {
    await kv.commit([], [{ put: key, value }]);
    await expect(forgetHost(deps)(task)).rejects.toThrow(`${who} is still on host 'host-2'`);
    expect([await kv.get(hostRecords.key('host-2')), removedUsers]).toEqual([expect.anything(), []]);
  });

  test('a failure keeps the host, and lets the removal be asked for again', async () => {
    await failRemoval(deps)({ ...task, error: 'why' });
    expect(await taskNow()).toMatchObject({ status: 'failed', error: 'why' });
    expect(await kv.get(removalRecords.key('host-2'))).toBeUndefined();
    expect(await kv.get(hostRecords.key('host-2'))).toBeDefined();
    await failRemoval(deps)({ ...task, error: 'again' });
    expect((await taskNow()).error).toBe('why');
  });
});
