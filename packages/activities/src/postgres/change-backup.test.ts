import { createMemoryKv } from '@windlass/resources/store';
import { keepCheck } from './change-backup.ts';
import { backupChecks, type BackupCheck } from '@windlass/resources/postgres/records';

const one = {
  entity: { kind: 'database', id: 'shop' },
  databaseId: 'shop',
  nodeName: 'n1',
  taskId: 't',
  instanceId: 'i',
  label: 'L',
  repository: 1,
};
const kv = createMemoryKv();
const kept = async (check: Omit<BackupCheck, 'checkedAt'>): Promise<Partial<BackupCheck>> => {
  await keepCheck(kv, one, check);
  const { checkedAt, ...rest } = (await kv.get(backupChecks.key('shop', 'n1', '1', 'L')))?.value as BackupCheck;
  expect(checkedAt).toMatch(/^20/);
  return rest;
};

test('what could not be verified says nothing of the backup, and undoes nothing that was proven', async () => {
  expect(await kept({ error: 'no space' })).toEqual({ error: 'no space' });
  expect(await kept({ verified: true })).toEqual({ verified: true });
  const provenAt = expect.stringMatching(/^20/) as string;
  expect(await kept({ error: 'no space' })).toEqual({ error: 'no space', provenAt });
  expect(await kept({ error: 'away' })).toEqual({ error: 'away', provenAt });
  expect(await kept({ verified: false, error: 'a page' })).toEqual({ verified: false, error: 'a page' });
  expect(await kept({ error: 'no space' })).toEqual({ verified: false, error: 'a page' });
});
