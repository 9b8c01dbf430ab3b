import { DomainError, toFailure } from '@windlass/resources/errors';
import type { NodeFacts } from '@windlass/activities';
import type { Script } from '../testing/fake-activities.ts';
import { Gate } from '../testing/gate.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const member = (instanceId: string, host: string) => ({ instanceId, queue: `host.${host}`, stopped: false });
const node: NodeFacts = {
  scope: 's',
  leader: 'a',
  members: [member('a', 'h1'), member('b', 'h2'), member('c', 'away')],
};
const start = (standby: string, script: Script): Promise<Flow> =>
  rig.start('backupNode', { node, ...script }, { nodeName: 'n1', type: 'full', annotations: {}, options: {}, standby });
const end = async (flow: Flow): Promise<Record<string, unknown>> => {
  await flow.handle.result().catch(() => undefined);
  return flow.inputOf('finishTask');
};
const SHOWN = ['findStandbys', 'openStandby', 'takeBackup', 'closeStandby'];
const moves = (flow: Flow): string[] =>
  flow.calls.filter(({ activity }) => SHOWN.includes(activity)).map(({ activity, queue }) => `${activity} on ${queue}`);
const broken = toFailure(new DomainError('backup_failed', 'it broke'));
const fails = (activity: string): Script => ({
  standbys: ['b'],
  move: (now) => (now === activity ? Promise.reject(broken) : undefined),
});
const WHOLE = ['findStandbys on host.h1', 'openStandby on host.h2', 'takeBackup on host.h1', 'closeStandby on host.h2'];

describe('a backup from a standby', () => {
  test('is taken by the primary while the standby is open, and the task names the standby', async () => {
    const flow = await start('required', { standbys: ['b'] });
    expect(await end(flow)).toMatchObject({ outcome: 'completed' });
    expect(moves(flow)).toEqual(WHOLE);
    expect(flow.inputOf('takeBackup')).toMatchObject({ instanceId: 'a', standby: 'b' });
    expect(flow.inputOf('noteInstance')).toMatchObject({ instanceId: 'b' });
    expect(flow.inputOf('openStandby')).toMatchObject({ instanceId: 'b', primary: 'a', scope: 's' });
  });

  test('closes the standby when the backup fails', async () => {
    const flow = await start('required', fails('takeBackup'));
    expect(await end(flow)).toMatchObject({ outcome: 'failed', error: 'it broke' });
    expect(moves(flow)).toEqual(WHOLE);
  });

  test('closes the standby when it is canceled', async () => {
    const gate = new Gate();
    const move: Script['move'] = (now, canceled) =>
      now === 'takeBackup' ? Promise.race([gate.wait(), canceled]) : undefined;
    const flow = await start('required', { standbys: ['b'], move });
    await gate.reached;
    await flow.handle.cancel();
    expect(await end(flow)).toMatchObject({ outcome: 'canceled' });
    expect(moves(flow)).toEqual(WHOLE);
  });

  test('takes the next standby when the host of one is away', async () => {
    const flow = await start('required', { standbys: ['c', 'b'] });
    expect(await end(flow)).toMatchObject({ outcome: 'completed' });
    expect(moves(flow)).toEqual(WHOLE);
  });

  test('that is required fails where none is healthy, in words', async () => {
    const none = await start('required', {});
    const error = "'s' has no healthy standby: no replica streams from the primary";
    expect(await end(none)).toMatchObject({ outcome: 'failed', error });
    expect(moves(none)).toEqual(['findStandbys on host.h1']);
    const closed = await start('required', fails('openStandby'));
    expect(await end(closed)).toMatchObject({ error: "'s' has no healthy standby: 'b': it broke" });
    expect(closed.names()).not.toContain('takeBackup');
  });

  test('that is preferred is taken from the primary where none is healthy', async () => {
    const flow = await start('preferred', {});
    expect(await end(flow)).toMatchObject({ outcome: 'completed' });
    expect(flow.inputOf('takeBackup')).not.toHaveProperty('standby');
    expect(flow.inputOf('noteInstance')).toMatchObject({ instanceId: 'a' });
  });
});
