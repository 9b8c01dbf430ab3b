import type { InstanceStatus } from '@windlass/resources/postgres/records';
import { changeShop, instanceNow, PRIMARY } from './contract-world.ts';
import { openFixture, shopSpec, type Fixture } from './fixture.ts';

export const BACKUPS = '/v1/databases/shop/nodes/n1/backups';
export const LABEL = '20260131-120000F';
export const backup = {
  label: LABEL, type: 'full', repository: 2, startedAt: '2026-01-31T12:00:00.000Z', finishedAt: '2026-01-31T12:00:05.000Z',
  databaseBytes: 30, copiedBytes: 20, storedBytes: 10, walStart: 'a', walStop: 'b', lsnStart: '0/1', lsnStop: '0/2',
  annotations: { why: 'test' }, needs: [], encrypted: true, damaged: false, taskId: 't',
}; // prettier-ignore
export const catalogue = {
  backups: [backup],
  repositories: [
    { position: 1, problem: 'is away' },
    { position: 2, walMin: 'a' },
  ],
};
export const secret = 'CANARY-of-a-repository';
export const backupConfig = {
  repositories: [
    { type: 'posix', base_path: '/b' },
    { type: 's3', id: 'cloud', s3_bucket: 'backups', s3_key: 'key', s3_key_secret: secret },
  ],
};

/** `shop`, available, with a primary and two repositories of which one is away. */
export async function openBackedUp(): Promise<Fixture> {
  const f = await openFixture();
  const created = await f.call('POST', '/v1/databases', {
    id: 'shop',
    spec: { ...shopSpec, backup_config: backupConfig },
  });
  if (created.status !== 200) throw new Error(JSON.stringify(created.body));
  await changeShop(f, { state: 'available', openTaskId: undefined });
  await sample(f, { role: 'primary', writable: true });
  f.temporal.started.length = 0;
  f.temporal.running.clear();
  f.temporal.results.set('listBackups', catalogue);
  return f;
}

export const sample = (f: Fixture, more: Partial<InstanceStatus>) =>
  f.kv.commit([], [instanceNow(PRIMARY, 'host-1', more)]);
