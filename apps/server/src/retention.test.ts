import { createMemoryKv, type Kv, type KvWrite } from '@windlass/resources/store';
import { databaseEntity } from '@windlass/resources/entity';
import { refKey } from '@windlass/resources/engine';
import { partOf } from '@windlass/resources/plan';
import { planParts, planRecords } from '@windlass/resources/records';
import {
  lastTasks,
  scheduleRuns,
  swapRecords,
  databaseRecords,
  restoreRecords,
} from '@windlass/resources/postgres/records';
import { drainRecords, removalRecords } from '@windlass/resources/platform/records';
import { Retention, type Kept } from './core/tasks/retention.ts';
import { upkeep } from './upkeep.ts';
import { taskLogEntries, taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const NOW = new Date('2026-06-01T00:00:00Z');
const DAY = 24 * 3600 * 1000;
let kv: Kv;
beforeEach(() => void (kv = createMemoryKv()));

const retention = (kept: Partial<Kept> = {}) =>
  new Retention({ kv, now: () => NOW, upkeep }, { tasks: 3, days: 90, plans: 2, ...kept });
const id = (n: number): string => `t${String(n).padStart(5, '0')}`;
const task = (n: number, more: Partial<TaskRecord> = {}): TaskRecord => ({
  ...{ taskId: id(n), scope: 'database', entityId: 'shop', type: 'update', status: 'completed', workflowId: '' },
  ...{ createdAt: NOW.toISOString(), completedAt: NOW.toISOString(), ...more },
}); // prettier-ignore
const put = async (...tasks: TaskRecord[]): Promise<void> => {
  for (const value of tasks) {
    const { scope, entityId, taskId } = value;
    const writes: KvWrite[] = [
      { put: taskRecords.key(scope, entityId, taskId), value },
      { put: `${taskLogEntries.under(scope, entityId, taskId)}1`, value: {} },
    ];
    const plan =
      scope === 'database' ? [{ put: planRecords.key(partOf(databaseEntity(entityId)), taskId), value: {} }] : [];
    await kv.commit([], [...writes, ...plan]);
  }
};
const left = async (prefix: string) =>
  (await kv.list(prefix)).map(({ key }) => key.slice(prefix.length).split('/').find((part) => /^t\d/.test(part))); // prettier-ignore
const numbers = (count: number): number[] => Array.from({ length: count }, (_, i) => i + 1);
const shop = { kind: 'database', id: 'shop' };
const record = async () => {
  const revision = Number(await kv.commit([], [{ put: databaseRecords.key(shop.id), value: shop }]));
  return { entity: shop, revision, taskId: undefined };
};

test('of each entity the newest tasks stay, with their logs; of plans the newest', async () => {
  await put(...numbers(6).map((n) => task(n)));
  await put(task(1, { entityId: 'other' }), task(2, { scope: 'host', entityId: 'shop' }));
  await retention().tidy(shop);
  expect(await left('tasks/database/shop/')).toEqual([id(4), id(5), id(6)]);
  expect(await left('task-logs/database/shop/')).toEqual([id(4), id(5), id(6)]);
  expect(await left('plans/shop/')).toEqual([id(5), id(6)]);
  expect([await left('tasks/database/other/'), await left('tasks/host/'), await left('plans/other/')]).toEqual([
    [id(1)],
    [id(2)],
    [id(1)],
  ]);
});

test('what ended long ago goes although there are few; the newest stays', async () => {
  const at = (days: number) => ({ completedAt: new Date(NOW.getTime() - days * DAY).toISOString() });
  await put(task(1, at(100)), task(2, at(89)), task(3, at(10)));
  await retention().tidy(shop);
  expect(await left('tasks/')).toEqual([id(2), id(3)]);
  await kv.commit([], [{ removePrefix: '' }]);
  await put(task(1, at(300)), task(2, at(200)));
  await retention().tidy(shop);
  expect([await left('tasks/'), await left('plans/')]).toEqual([[id(2)], [id(2)]]);
});

test('open tasks stay with all they have, however many there are', async () => {
  await put(...numbers(6).map((n) => task(n, n < 4 ? { status: n === 1 ? 'running' : 'pending' } : {})));
  const part = planParts.key(partOf(databaseEntity('shop')), id(1), refKey({ kind: 'thing', id: 'a' }));
  await kv.commit([], [{ put: part, value: {} }]);
  await retention({ tasks: 1, plans: 1 }).tidy(shop);
  expect(await left('tasks/')).toEqual([id(1), id(2), id(3), id(6)]);
  expect(await left('plans/')).toEqual([id(1), id(1), id(2), id(3), id(6)]);
});

test('what something refers to stays', async () => {
  const ofNode = { databaseId: 'shop', nodeName: 'n1' };
  const swapped = {
    instanceId: 'i1',
    hostId: 'h',
    at: NOW.toISOString(),
    data: 'kept',
    until: NOW.toISOString(),
  } as const;
  const ended = { scheduleId: 'nightly', outcome: 'completed', endedAt: NOW.toISOString() } as const;
  await put(...numbers(7).map((n) => task(n)));
  await kv.commit(
    [],
    [
      swapRecords.put({ ...ofNode, ...swapped, taskId: id(1) }, 'shop', 'n1', id(1)),
      scheduleRuns.put({ ...ofNode, ...ended, taskId: id(2) }, 'shop', 'n1', 'nightly'),
      lastTasks.put(id(3), 'shop', 'n1', 'backups'),
      removalRecords.put({ hostId: 'h', taskId: 'x', updates: [{ databaseId: 'shop', taskId: id(4) }] }, 'h'),
      drainRecords.put(
        { hostId: 'h', taskId: 'x', since: '', moves: [{ ...ofNode, instanceId: 'i1', taskId: id(5) }] },
        'h',
      ),
      { put: restoreRecords.key('shop', id(1)), value: {} },
      { put: restoreRecords.key('shop', id(6)), value: {} },
    ],
  );
  await retention({ tasks: 1 }).tidy(shop);
  expect(await left('tasks/')).toEqual([id(1), id(2), id(3), id(4), id(5), id(7)]);
  expect(await left('restores/')).toEqual([id(1)]);
});

test('a database whose record has not changed is not read again', async () => {
  await put(...numbers(5).map((n) => task(n)));
  const row = await record();
  const r = retention();
  await r.round([row]);
  expect(await left('tasks/')).toHaveLength(3);
  await put(task(6));
  await r.round([row]);
  expect(await left('tasks/')).toHaveLength(4);
  await r.round([await record()]);
  expect(await left('tasks/')).toHaveLength(3);
});

test('one that is gone, and a host, have their turn', async () => {
  for (const more of [{ entityId: 'gone' }, { entityId: 'shop' }, { scope: 'host', entityId: 'h' } as const])
    await put(...numbers(5).map((n) => task(n, more)));
  const r = retention();
  for (let round = 0; round < 15; round += 1) await r.round([]);
  expect(await left('tasks/')).toHaveLength(9);
  await put(...numbers(9).map((n) => task(n, { entityId: 'gone' })));
  for (let round = 0; round < 20; round += 1) await r.round([]);
  expect(await left('tasks/database/gone/')).toHaveLength(3);
});

test('many are forgotten in rounds, and the store does not grow with the number of tasks', async () => {
  const r = retention({ tasks: 50 });
  const sizes: number[] = [];
  for (let round = 0; round < 4; round += 1) {
    await put(...numbers(300).map((n) => task(round * 300 + n)));
    const row = await record();
    await r.round([row]);
    await r.round([row]);
    sizes.push((await kv.list('')).length);
  }
  expect(new Set(sizes)).toEqual(new Set([sizes[0]]));
  expect(await left('tasks/')).toHaveLength(50);
});
