import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { openScheduledBackup, recordScheduledBackup } from './scheduled-backup.ts';
import {
  databaseRecords,
  instanceStatuses,
  scheduleRuns,
  type ScheduleRun,
} from '@windlass/resources/postgres/records';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';

const run = { databaseId: 'shop', nodeName: 'n1', scheduleId: 'nightly' };
const SCHEDULE = 'resources/shop/backup.schedule::n1:nightly';
let kv: Kv;
beforeEach(async () => {
  kv = createMemoryKv();
  await put(databaseRecords.key('shop'), { ...DATABASE, state: 'available' });
  await put(SCHEDULE, resource);
  await put(instanceStatuses.key('shop', 'a'), { ...INSTANCE, writable: true });
});
const AT = '2026-01-01T00:00:00Z';
const DATABASE = { id: 'shop', createdAt: AT, updatedAt: AT };
const INSTANCE = { instanceId: 'a', databaseId: 'shop', nodeName: 'n1', hostId: 'host-1', createdAt: AT, sampledAt: AT, container: 'running', addresses: [] }; // prettier-ignore
const resource = {
  ...{
    ref: { kind: 'backup.schedule', id: 'n1:nightly' },
    version: 1,
    spec: {},
    executor: { on: 'any' },
    dependsOn: [],
  },
  ...{ phase: 'ready', inputsHash: '', taskId: 't', updatedAt: AT },
};
const put = (key: string, value: unknown) => kv.commit([], [{ put: key, value }]);
const open = (workflowId = 'w1') =>
  openScheduledBackup({ kv, clients: { host: { hostId: 'host-1' } } })({
    ...run,
    workflowId,
    taskType: 'verify_backup',
  });
const tasks = async (): Promise<TaskRecord[]> =>
  (await kv.list(taskRecords.under('database', 'shop'))).map((row) => row.value as TaskRecord);

describe('a run that is due', () => {
  it('opens one task for each run, however often it is asked', async () => {
    const first = await open();
    expect(await open()).toEqual(first);
    expect(await tasks()).toMatchObject([
      { type: 'verify_backup', status: 'pending', workflowId: 'w1', nodeName: 'n1' },
    ]);
  });
  it('waits for a backup that still runs, not for one that ended', async () => {
    await open();
    expect(await open('w2')).toMatchObject({ outcome: 'busy' });
    const [task] = await tasks();
    await put(taskRecords.key('database', 'shop', task?.taskId ?? ''), { ...task, status: 'failed' });
    expect(await open('w2')).toMatchObject({ outcome: 'open' });
  });
  it.each([
    ['the database is changed', { ...DATABASE, state: 'modifying' }, 'busy'],
    ['the database is deleted', { ...DATABASE, state: 'deleting' }, 'off'],
    ['the node is stopped', { ...DATABASE, state: 'available', stoppedInstances: ['a'] }, 'off'],
  ])('when %s', async (_what, record, outcome) => {
    await put(databaseRecords.key('shop'), record);
    expect(await open()).toMatchObject({ outcome });
    expect(await tasks()).toEqual([]);
  });
  it('waits for a primary, and is nothing when the schedule is gone', async () => {
    await put(instanceStatuses.key('shop', 'a'), { ...INSTANCE, writable: false });
    expect(await open()).toMatchObject({ outcome: 'busy' });
    await kv.commit([], [{ remove: SCHEDULE }]);
    expect(await open()).toMatchObject({ outcome: 'off' });
  });
});

it('the record of a schedule says since when no run worked, until one does', async () => {
  const record = recordScheduledBackup({ kv });
  const read = async () => (await kv.get(scheduleRuns.key('shop', 'n1', 'nightly')))?.value as ScheduleRun;
  await record({ ...run, outcome: 'completed', taskId: 't1' });
  const { lastSuccessAt } = await read();
  await record({ ...run, outcome: 'failed', error: 'no space' });
  const { failingSince } = await read();
  await record({ ...run, outcome: 'missed', error: 'away' });
  expect(await read()).toMatchObject({ outcome: 'missed', error: 'away', failingSince, lastSuccessAt });
  await record({ ...run, outcome: 'completed' });
  expect(await read()).not.toHaveProperty('failingSince');
});
