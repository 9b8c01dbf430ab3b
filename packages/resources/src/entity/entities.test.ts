import { readdirSync } from 'node:fs';
import { SCOPES } from '../api/index.ts';
import { databaseRecords } from '../postgres/records/index.ts';
import { removalRecords } from '../platform/records/index.ts';
import { createMemoryKv } from '../store/index.ts';
import { ResourceState } from '../engine/index.ts';
import { databaseEntity, ENTITIES, entityFence, entityRecords, recordsOf } from './index.ts';

const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
const record = { id: 'shop', ...times, state: 'available' } as const;
const thing = { kind: 'thing', id: 'shop' };

test('every file of an entity is in the list, each under a kind of its own', () => {
  const files = readdirSync(import.meta.dirname).filter((file) => file.endsWith('-entity.ts'));
  expect(ENTITIES.map(({ kind }) => `${kind}-entity.ts`).sort()).toEqual(files.sort());
});

test('what the API says a task may be about is every kind of entity', () => {
  expect(ENTITIES.map(({ kind }) => kind)).toEqual(SCOPES);
});

test('each entity has a fence of its own: two of one id do not own each other', async () => {
  const kv = createMemoryKv();
  const state = new ResourceState(kv, entityFence);
  await kv.commit(
    [],
    [
      databaseRecords.put({ ...record, openTaskId: 't1' }, 'shop'),
      entityRecords('thing').put({ ...record, openTaskId: 't2' }, 'shop'),
      removalRecords.put({ hostId: 'shop', taskId: 't3', updates: [] }, 'shop'),
    ],
  );
  const owners = { database: 't1', thing: 't2', host: 't3' };
  for (const [kind, owner] of Object.entries(owners))
    for (const task of Object.values(owners)) {
      const acquired = state.acquire({ kind, id: 'shop' }, task);
      if (task === owner) expect(await acquired).toBeGreaterThan(0);
      else await expect(acquired).rejects.toMatchObject({ code: 'stale_task' });
    }
});

test('databases keep their keys, other kinds have theirs in them; of a host nothing is kept', () => {
  expect(recordsOf(databaseEntity('shop')).key('shop')).toBe('databases/shop');
  expect(recordsOf(thing).key('shop')).toBe('entities/thing/shop');
  expect(() => recordsOf({ kind: 'host' })).toThrow('nothing is kept of a host');
});
