import type { NodeFacts } from '@windlass/activities';
import type { Script } from '../testing/fake-activities.ts';
import { Gate } from '../testing/gate.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const node: NodeFacts = {
  scope: 's',
  leader: 'a',
  members: [
    { instanceId: 'a', queue: 'host.h1', stopped: false },
    { instanceId: 'b', queue: 'host.h2', stopped: false },
  ],
};
const start = (workflow: string, script: Script, input: object = {}): Promise<Flow> =>
  rig.start(workflow, { node, ...script }, { nodeName: 'n1', scheduleId: 'nightly', ...input });
const settled = async (flow: Flow): Promise<string> =>
  flow.handle.result().then(
    () => 'done',
    () => 'failed',
  );
const verified = (flow: Flow): unknown[] =>
  flow.calls.filter((c) => c.activity === 'verifyBackup').map(({ label, queue }) => [label, queue]);
const due = {
  backups: [
    { label: 'one', repository: 1 },
    { label: 'two', repository: 2 },
  ],
  lacking: [],
};

describe('a scheduled verification', () => {
  test('is a task that proves a backup of each repository where the primary is', async () => {
    const flow = await start('scheduledVerification', { due });
    expect(await settled(flow)).toBe('done');
    expect(flow.inputOf('openScheduledBackup')).toMatchObject({ taskType: 'verify_backup', scheduleId: 'nightly' });
    expect(verified(flow)).toEqual([
      ['one', 'host.h1'],
      ['two', 'host.h1'],
    ]);
    expect(flow.inputOf('finishTask')).toMatchObject({ taskId: 'task-1', outcome: 'completed' });
    expect(flow.inputOf('recordScheduledBackup')).toMatchObject({ outcome: 'completed', taskId: 'task-1' });
  });

  test('with a damaged backup and an empty repository fails, names both, and leaves out no other', async () => {
    const lacking = ['repository 3 has no backup to verify'];
    const flow = await start('scheduledVerification', { due: { ...due, lacking }, damaged: { one: 'one is damaged' } });
    expect(await settled(flow)).toBe('failed');
    expect(verified(flow)).toHaveLength(2);
    const error = 'one is damaged; repository 3 has no backup to verify';
    expect(flow.inputOf('finishTask')).toMatchObject({ outcome: 'failed', error });
    expect(flow.inputOf('recordScheduledBackup')).toMatchObject({ outcome: 'failed', taskId: 'task-1', error });
  });

  test('waits its turn', async () => {
    const busy = { outcome: 'busy', reason: 'a backup is still running' } as const;
    const flow = await start('scheduledVerification', { due, opens: [busy, { outcome: 'open', taskId: 'task-1' }] });
    expect(await settled(flow)).toBe('done');
    expect(flow.names().slice(0, 3)).toEqual(['openScheduledBackup', 'openScheduledBackup', 'beginBeside']);
  });

  test('that nobody wants any more does nothing', async () => {
    const flow = await start('scheduledVerification', { opens: [{ outcome: 'off', reason: 'the node is stopped' }] });
    expect(await settled(flow)).toBe('done');
    expect(flow.names()).toEqual(['openScheduledBackup']);
  });

  test('canceled, it goes on to no other backup, and says that it was canceled', async () => {
    const gate = new Gate();
    const flow = await start('scheduledVerification', {
      due,
      move: (now, canceled) => (now === 'verifyBackup' ? Promise.race([gate.wait(), canceled]) : undefined),
    });
    await gate.reached;
    await flow.handle.cancel();
    await settled(flow);
    expect(verified(flow)).toHaveLength(1);
    expect(flow.inputOf('finishTask')).toMatchObject({ outcome: 'canceled' });
    expect(flow.inputOf('recordScheduledBackup')).toMatchObject({ outcome: 'canceled' });
  });
});

test('a scheduled backup is a task that takes one and says which schedule it was', async () => {
  const flow = await start('scheduledBackup', {}, { type: 'incr' });
  expect(await settled(flow)).toBe('done');
  expect(flow.inputOf('openScheduledBackup')).toMatchObject({ taskType: 'node_backup' });
  expect(flow.inputOf('takeBackup')).toMatchObject({ type: 'incr', annotations: { schedule: 'nightly' } });
  expect(flow.inputOf('recordScheduledBackup')).toMatchObject({ outcome: 'completed', taskId: 'task-1' });
});
