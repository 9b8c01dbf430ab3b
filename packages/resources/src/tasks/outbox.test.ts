import { createMemoryKv } from '../store/memory.ts';
import { olderOutboxEntry } from './older-outbox-entry.ts';
import { openTask } from './open-task.ts';
import { outboxEntries } from './outbox.ts';

const shop = { kind: 'database', id: 'shop' } as const;
const about = { databaseId: 'shop', taskId: 't1' };
const read = (value: unknown) => outboxEntries.parse(value, 'outbox/t1');

test('an entry is read as it was written', async () => {
  const kv = createMemoryKv();
  const input = { nodeName: 'n1', type: 'full', annotations: { by: 'me' }, options: {}, repository: 2 } as const;
  const { entry } = openTask({ entity: shop, type: 'node_backup', input, tenantId: 'acme' }, new Date());
  await kv.commit([], [outboxEntries.put(entry, entry.taskId)]);
  expect((await outboxEntries.get(kv, entry.taskId))?.value).toEqual(entry);
});

/** As commits up to f287631 wrote them. */
test.each<[string, Record<string, unknown>, unknown]>([
  ['a create', { ...about, type: 'create', tenantId: 'acme' }, { type: 'create', tenantId: 'acme', input: {} }],
  [
    'an update that takes over',
    { ...about, type: 'update', force: true, goneHosts: ['h2'], supersedes: 't0' },
    { type: 'update', supersedes: 't0', input: { force: true, goneHosts: ['h2'] } },
  ],
  [
    'an update that is a part of a removal',
    { ...about, type: 'update', parentId: 'r1', leavingHosts: ['h2'] },
    { type: 'update', input: { leavingHosts: ['h2'] } },
  ],
  ['a delete', { ...about, type: 'delete', purgeBackups: true }, { type: 'delete', input: { purgeBackups: true } }],
  ['an upgrade', { ...about, type: 'upgrade', image: 'pg:17.6' }, { type: 'upgrade', input: { image: 'pg:17.6' } }],
  [
    'a switchover that waits for its time',
    { ...about, type: 'switchover', nodeName: 'n1', candidate: 'i2', scheduledAt: '2030-01-01T00:00:00Z' },
    { type: 'switchover', input: { nodeName: 'n1', candidate: 'i2', scheduledAt: '2030-01-01T00:00:00Z' } },
  ],
  [
    'a stop of an instance',
    { ...about, type: 'stop_instance', instanceId: 'i1', nodeName: 'n1', hostId: 'h1' },
    { type: 'stop_instance', input: { instanceId: 'i1', nodeName: 'n1', hostId: 'h1' } },
  ],
  [
    'a backup',
    { ...about, type: 'node_backup', nodeName: 'n1', backup: { type: 'incr', annotations: {}, options: { resume: 'y' }, standby: 'required' }, repository: 1 },
    { type: 'node_backup', input: { nodeName: 'n1', type: 'incr', annotations: {}, options: { resume: 'y' }, standby: 'required', repository: 1 } },
  ],
  [
    'a restore',
    { ...about, type: 'restore', parts: [{ nodeName: 'n1', taskId: 't2' }], keepHours: 24 },
    { type: 'restore', input: { parts: [{ nodeName: 'n1', taskId: 't2' }], keepHours: 24 } },
  ],
])('%s of an earlier release is read in the form of today', (_what, older, now) => {
  expect(read(older)).toEqual({ entity: shop, taskId: 't1', ...(now as object) });
}); // prettier-ignore

test.each([
  { ...about, type: 'node_backup' },
  { ...about, type: 'restart_instance', scheduledAt: '2030-01-01T00:00:00Z' },
])('what an earlier release wrote to tell a cancel again is that: %j', (older) => {
  expect(read(older)).toEqual({ entity: shop, taskId: 't1', cancel: true });
});

test('an entry of today stays as it is, however often it is brought up to date', () => {
  const { entry } = openTask({ entity: shop, type: 'update', input: { force: true } }, new Date());
  expect(olderOutboxEntry(entry)).toBe(entry);
  const once = olderOutboxEntry({ ...about, type: 'create' });
  expect(olderOutboxEntry(once)).toBe(once);
});

test.each([
  ['a type of which there is no workflow', { type: 'node_restore', input: {} }],
  ['an input that its workflow does not take', { type: 'upgrade', input: { nodeName: 'n1' } }],
  ['an entity without an id', { entity: { kind: 'moon' }, type: 'create', input: {} }],
])('%s is not taken for an entry', (_what, entry) => {
  expect(() => read({ entity: shop, taskId: 't1', ...entry })).toThrow(/outbox\/t1/);
});
