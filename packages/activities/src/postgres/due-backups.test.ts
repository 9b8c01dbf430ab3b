import { MockActivityEnvironment } from '@temporalio/testing';
import type { Due } from '@windlass/resources/postgres/backups';
import { databaseRecords, backupChecks } from '@windlass/resources/postgres/records';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import type { ActivityDeps } from '../core/deps.ts';
import { findDueBackups } from './due-backups.ts';

const at = { databaseId: 'shop', nodeName: 'n1', instanceId: 'a' };
const times = { createdAt: '2026-01-01T00:00:00Z', updatedAt: '2026-01-01T00:00:00Z' };
const database = { id: 'shop', ...times, state: 'available' } as const;
const check = (repository: number, label: string): string => backupChecks.key('shop', 'n1', String(repository), label);

const oneOf = (label: string, stop: number) => ({
  annotation: null, archive: { start: '', stop: '' }, database: { 'repo-key': 1 }, label,
  info: { size: 1, delta: 1, repository: { delta: 1 } }, reference: null, timestamp: { start: 1, stop }, type: 'full',
}); // prettier-ignore
/** Two backups in the first repository; the second one is away. */
const info = JSON.stringify([
  {
    archive: [],
    backup: [oneOf('old', 2), oneOf('new', 3)],
    repo: [
      { key: 1, cipher: 'none', status: { code: 0, message: 'ok' } },
      { key: 2, cipher: 'none', status: { code: 99, message: 'is away' } },
    ],
  },
]);

function depsOf(kv: Kv): ActivityDeps {
  const docker = {
    serviceContainer: () => Promise.resolve({ id: 'c', state: 'running' }),
    exec: () => Promise.resolve({ exitCode: 0, stdout: info, stderr: '' }),
  };
  return { kv, clients: { docker } } as unknown as ActivityDeps;
}

it('finds the newest that was never verified, and forgets what came of backups that are gone', async () => {
  const kv = createMemoryKv();
  const tried = [check(1, 'new'), check(1, 'expired'), check(2, 'unknown')];
  const value = { checkedAt: '', verified: true };
  await kv.commit([], [databaseRecords.put(database, 'shop'), ...tried.map((put) => ({ put, value }))]);
  const due = await new MockActivityEnvironment().run(findDueBackups(depsOf(kv)), at);
  expect(due).toEqual({
    backups: [{ label: 'old', repository: 1 }],
    lacking: ['repository 2 cannot be used: is away'],
  });
  const left = (await kv.list(backupChecks.under('shop', 'n1'))).map((row) => row.key);
  expect(left.sort()).toEqual([check(1, 'new'), check(2, 'unknown')]);
});

it('takes one that could not be verified again, unless it was proven once', async () => {
  const kv = createMemoryKv();
  const due = async (value: object) => {
    await kv.commit([], [databaseRecords.put(database, 'shop'), { put: check(1, 'new'), value }]);
    const found = (await new MockActivityEnvironment().run(findDueBackups(depsOf(kv)), at)) as Due;
    return found.backups[0]?.label;
  };
  expect(await due({ checkedAt: '', error: 'no space' })).toBe('new');
  expect(await due({ checkedAt: '', error: 'no space', provenAt: 'once' })).toBe('old');
});
