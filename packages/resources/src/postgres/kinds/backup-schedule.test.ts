import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import type { ScheduledWorkflow, ScheduleRequest } from '../clients/ports.ts';
import { contextFor } from '../../testing/apply-all.ts';
import { createFakeClients } from '../../testing/fake-clients.ts';
import { backupSchedule } from './backup-schedule.ts';

let root: string;
beforeEach(async () => void (root = await mkdtemp(path.join(tmpdir(), 'windlass-schedule-'))));
afterEach(() => rm(root, { recursive: true, force: true }));

type Type = 'full' | 'incr' | 'verify';
async function made(type: Type): Promise<ScheduleRequest> {
  const clients = await createFakeClients(root);
  const spec = { nodeName: 'n1', scope: 'shop:n1', scheduleId: 'at night', type, cron: '0 2 * * *', paused: false };
  const context = contextFor(clients, 'shop', backupSchedule.ref('n1:at night'), new Map());
  const { name } = await backupSchedule.create(spec, context);
  expect(name).toBe('backup/shop/n1/at%20night');
  return (await clients.schedules.get(name)) as ScheduleRequest;
}

describe('what Temporal starts at the times of a schedule', () => {
  const run = { databaseId: 'shop', nodeName: 'n1', scheduleId: 'at night' };
  it.each(['full', 'incr'] as const)('a %s backup', async (type) => {
    expect(await made(type)).toMatchObject({
      cron: '0 2 * * *',
      note: `${type} backup of node n1 of database shop at 0 2 * * * (UTC)`,
      taskType: 'node_backup',
      workflow: { type: 'scheduledBackup', input: { ...run, type } },
    });
  });
  it('a verification', async () => {
    const request = await made('verify');
    expect(request).toMatchObject({
      note: 'verification of the newest backups of node n1 of database shop at 0 2 * * * (UTC)',
      taskType: 'verify_backup',
    });
    expect(request.workflow).toMatchObject({ type: 'scheduledVerification', input: run });
  });
  it('is a workflow that there is: another name or input does not compile', () => {
    const wrong: readonly ScheduledWorkflow[] = [
      // @ts-expect-error there is no such workflow
      { type: 'scheduledBackups', input: { ...run, type: 'full' } },
      // @ts-expect-error it has to be told which backup
      { type: 'scheduledBackup', input: run },
    ];
    expect(wrong).toHaveLength(2);
  });
});
