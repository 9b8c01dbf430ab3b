import { auditIntents } from '../audit/index.ts';
import { databaseRecords } from '../postgres/records/index.ts';
import { removalRecords } from '../platform/records/index.ts';
import { createMemoryKv } from '../store/memory.ts';
import type { DatabaseRecord } from '../postgres/records/database-records.ts';
import { accept, acceptanceOf, acceptTogether, begin, endTask, makeTask, openTask, outboxEntries, ownedBy, readHeld, taskOf, taskRecords } from './index.ts'; // prettier-ignore

const NOW = new Date('2026-01-01T00:00:00Z');
const shop = { kind: 'database', id: 'shop' } as const;
const host = { kind: 'host', id: 'host-2' } as const;
const record: DatabaseRecord = { id: 'shop', createdAt: '', updatedAt: '', state: 'available' };
const update = () => openTask({ entity: shop, type: 'update', input: {} }, NOW);

test('a task, its entry, its owner and what else there is are one transaction', async () => {
  const kv = createMemoryKv();
  const { task, entry } = update();
  const holder = { records: databaseRecords, revision: 0, becomes: ownedBy(task, { ...record, state: 'modifying' }) };
  const also = [{ writes: [{ put: 'specs/shop', value: 1 }] }];
  expect(await accept(kv, { doing: undefined, task, entry, holder, also })).toBeGreaterThan(0);
  expect((await kv.list('')).map(({ key, value }) => [key, value])).toEqual([
    ['databases/shop', { ...record, state: 'modifying', openTaskId: task.taskId }],
    [`outbox/${task.taskId}`, { entity: shop, taskId: task.taskId, type: 'update', input: {} }],
    ['specs/shop', 1],
    [`tasks/database/shop/${task.taskId}`, task],
  ]);
});

test('nothing is written when the entity, or anything else, is no longer as it was checked', async () => {
  const kv = createMemoryKv();
  await kv.commit([], [databaseRecords.put(record, 'shop')]);
  const { task, entry } = update();
  const stale = { records: databaseRecords, revision: 0, becomes: ownedBy(task, record) };
  expect(await accept(kv, { doing: undefined, task, entry, holder: stale })).toBe(false);
  expect(
    await accept(kv, { doing: undefined, task, entry, also: [{ expect: [{ key: 'databases/shop', revision: 0 }] }] }),
  ).toBe(false);
  expect((await kv.list('')).map(({ key }) => key)).toEqual(['databases/shop']);
});

test('one that owns nothing leaves the record of the entity alone, and expects it unchanged', async () => {
  const kv = createMemoryKv();
  const revision = Number(await kv.commit([], [databaseRecords.put(record, 'shop')]));
  const task = makeTask({ scope: 'database', entityId: 'shop', type: 'node_backup', workflowId: 'w1' }, NOW);
  await accept(kv, { doing: undefined, task, holder: { records: databaseRecords, revision } });
  expect(await databaseRecords.get(kv, 'shop')).toEqual({ value: record, revision });
  expect(await kv.list(outboxEntries.under())).toEqual([]);
});

test('of several that are accepted together either all are or none', async () => {
  const kv = createMemoryKv();
  const one = update();
  const removal = openTask({ entity: host, type: 'remove_host', input: {} }, NOW);
  const becomes = { hostId: 'host-2', taskId: removal.task.taskId, updates: [] };
  const all = (revision: number) => [
    acceptanceOf({
      doing: undefined,
      ...one,
      holder: { records: databaseRecords, revision: 0, becomes: ownedBy(one.task, record) },
    }),
    acceptanceOf({ doing: undefined, ...removal, holder: { records: removalRecords, revision, becomes } }),
  ];
  expect([await acceptTogether(kv, all(7)), await kv.list('')]).toEqual([false, []]);
  expect(await acceptTogether(kv, all(0))).toBeGreaterThan(0);
  expect(await kv.list(taskRecords.under())).toHaveLength(2);
});

test.each([
  ['of an owner is the lock of its entity', { type: 'create', input: {} }, 'database/shop'],
  ['of what waits for its time is its own', { type: 'switchover', input: { nodeName: 'n1', scheduledAt: '2030-01-01T00:00:00Z' } }, 'database/shop/scheduled/t1'],
  ['of what runs beside is its own', { type: 'verify_backup', input: { nodeName: 'n1', label: 'b', repository: 1 } }, 'database/shop/backups/t1'],
] as const)('the workflow id %s', (_what, request, id) => {
  expect(openTask({ entity: shop, taskId: 't1', ...request }, NOW).task.workflowId).toBe(id);
}); // prettier-ignore

test.each([
  [{ type: 'stop_instance', input: { nodeName: 'n1', instanceId: 'i1', hostId: 'h1' } }, { instanceId: 'i1', hostId: 'h1' }],
  [{ type: 'failover', input: { nodeName: 'n1', candidate: 'i2' } }, { nodeName: 'n1', instanceId: 'i2' }],
  [{ type: 'restart_instance', input: { nodeName: 'n1', instanceId: 'i1', scheduledAt: 'then' } }, { instanceId: 'i1', scheduledAt: 'then' }],
] as const)('a task shows what it is about: %j', (request, shown) => {
  const { task } = openTask({ entity: shop, taskId: 't1', parentId: 'p', ...request }, NOW);
  const { scope: _s, entityId: _e, type: _t, workflowId: _w, taskId: _id, status: _st, createdAt: _c, ...rest } = task;
  expect(rest).toEqual({ ...shown, parentId: 'p' });
}); // prettier-ignore

describe('the removal of a host', () => {
  const accepted = async () => {
    const kv = createMemoryKv();
    const { task, entry } = openTask({ entity: host, type: 'remove_host', input: {} }, NOW);
    const becomes = { hostId: 'host-2', taskId: task.taskId, updates: [] };
    await accept(kv, { doing: undefined, task, entry, holder: { records: removalRecords, revision: 0, becomes } });
    return { kv, task };
  };

  test('is a task as any other: it owns its host, begins once, and gives it back when it has ended', async () => {
    const { kv, task } = await accepted();
    expect(task).toMatchObject({ scope: 'host', entityId: 'host-2', hostId: 'host-2', workflowId: 'host/host-2' });
    expect(await readHeld(kv, task)).toEqual({ exists: true, owner: task.taskId });
    expect(await begin(kv, task, { owns: true })).toBe(true);
    expect(await begin(kv, task, { owns: true })).toBe(false);
    const ended = await endTask(kv, task, () => ({ outcome: 'failed', error: 'why' }));
    expect(ended).toMatchObject({ status: 'failed', error: 'why' });
    expect((await kv.list('')).map(({ key }) => key)).toEqual([`tasks/host/host-2/${task.taskId}`]);
    await expect(begin(kv, task, { owns: true })).rejects.toMatchObject({ code: 'stale_task' });
  });

  test('writes what becomes of the host only while it owns it', async () => {
    const { kv, task } = await accepted();
    await kv.commit([], [removalRecords.put({ hostId: 'host-2', taskId: 'another', updates: [] }, 'host-2')]);
    const owned = () => ({ writes: [{ put: 'gone', value: 1 }] });
    await endTask(kv, taskOf(host, task.taskId), () => ({ outcome: 'completed' }), { owned });
    expect([await kv.get('gone'), (await removalRecords.get(kv, 'host-2'))?.value.taskId]).toEqual([
      undefined,
      'another',
    ]);
  });
});

test('a task that nobody asked for has its intent for the audit in the same transaction', async () => {
  const kv = createMemoryKv();
  const task = makeTask({ scope: 'database', entityId: 'shop', type: 'failover', workflowId: '' }, new Date());
  const doing = { by: { kind: 'host', id: 'host-1' }, operation: 'fast-failover' } as const;
  const revision = await accept(kv, { task, doing });
  expect(await auditIntents.get(kv, 'host-1', task.taskId)).toMatchObject({
    revision,
    value: { isAnswered: false, event: { who: doing.by, entity: { kind: 'database', id: 'shop' } } },
  });
});
