import { DomainError, toFailure } from '@windlass/resources/errors';
import type { Script } from '../testing/fake-activities.ts';
import { Gate } from '../testing/gate.ts';
import { end, member, moves, node, only, refused } from '../testing/moves.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const start = (workflow: string, script: Script, input: object = {}): Promise<Flow> =>
  rig.start(workflow, { node, ...script }, { nodeName: 'n1', ...input });

describe('restart', () => {
  test('notes what runs, so that a repeated restart restarts once', async () => {
    const flow = await start('restartInstance', {}, { instanceId: 'b' });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow)).toEqual(['noteStart on host.h2', 'restartPostgres on host.h2']);
    expect(flow.inputOf('restartPostgres')).toMatchObject({ instanceId: 'b', startedAt: 'then' });
  });

  test('canceled while it is waited for, the task ends', async () => {
    const gate = new Gate();
    const flow = await start(
      'restartInstance',
      { move: (now, canceled) => (now === 'restartPostgres' ? Promise.race([gate.wait(), canceled]) : undefined) },
      { instanceId: 'b' },
    );
    await gate.reached;
    await flow.handle.cancel();
    expect(await end(flow)).toEqual({ outcome: 'canceled' });
  });

  test('a Postgres that does not start is not waited for once more', async () => {
    const down = toFailure(new DomainError('postgres_cannot_start', 'Postgres does not start: no memory'));
    const flow = await start(
      'restartInstance',
      only('restartPostgres', () => Promise.reject(down)),
      { instanceId: 'b' },
    );
    expect(await end(flow)).toEqual({ outcome: 'failed', error: 'Postgres does not start: no memory' });
    expect(moves(flow)).toEqual(['noteStart on host.h2', 'restartPostgres on host.h2']);
  });

  test('of an instance that is gone fails', async () => {
    const flow = await start('restartInstance', {}, { instanceId: 'gone' });
    expect(await end(flow)).toEqual({ outcome: 'failed', error: "'gone' is gone" });
  });
});

describe('stop and start', () => {
  const stop = { instanceId: 'a', revision: 7 };

  test('a primary hands over, is recorded as stopped, and only its container is changed', async () => {
    const flow = await start('stopInstance', { steps: [step('service')] }, stop);
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow)).toEqual([
      'prepareSwitchover on host.h1',
      'switchOver on host.h1',
      'awaitReady on host.h2',
      'setStopped on control',
      'planChange on control',
      'applyStep on host.h1',
      'applied on host.h1',
    ]);
    expect(flow.inputOf('setStopped')).toMatchObject({ instanceId: 'a', stopped: true });
    expect(flow.inputOf('planChange')).toMatchObject({ revision: 7, only: { instanceId: 'a', on: 'container' } });
  });

  test('a replica hands nothing over', async () => {
    const flow = await start('stopInstance', {}, { ...stop, instanceId: 'b' });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow)).toEqual(['setStopped on control', 'planChange on control']);
  });

  test('a primary nobody can follow is stopped all the same, and the log says why', async () => {
    const flow = await start('stopInstance', only('prepareSwitchover', () => Promise.reject(refused('nobody streams'))), stop); // prettier-ignore
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(flow.inputOf('setStopped')).toMatchObject({ stopped: true, note: 'nobody streams' });
  });

  test('a primary that fails to hand over for another reason is not stopped', async () => {
    const broken = toFailure(new DomainError('server_error', 'broken'));
    const flow = await start(
      'stopInstance',
      only('prepareSwitchover', () => Promise.reject(broken)),
      stop,
    );
    expect(await end(flow)).toEqual({ outcome: 'failed', error: 'broken' });
    expect(flow.names()).not.toContain('setStopped');
  });

  test('an instance on a host that is away is recorded, and what its host has to do is put off', async () => {
    const members = [member('a', 'h1'), member('b', 'away')];
    const flow = await start('stopInstance', { node: { ...node, members } }, { ...stop, instanceId: 'b' });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(flow.inputOf('planChange')).toMatchObject({ unreachable: ['host.away'] });
  });

  test('a start is recorded first, then everything of the instance is made up for', async () => {
    const script = { refreshQueues: ['host.h1'], steps: [step('service')] };
    const flow = await start('startInstance', script, stop);
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow)).toEqual([
      'beginTask on control',
      'setStopped on control',
      'refreshHost on host.h1',
      'planChange on control',
      'applyStep on host.h1',
      'applied on host.h1',
    ]);
    expect(flow.inputOf('setStopped')).toMatchObject({ stopped: false });
    expect(flow.inputOf('planChange')).toMatchObject({ only: { instanceId: 'a', nodeName: 'n1', on: 'node' } });
  });
});

test('an upgrade plans with the image it was asked for', async () => {
  const flow = await start('upgradeDatabase', {}, { revision: 7, image: 'postgres:rebuilt' });
  expect(await end(flow)).toEqual({ outcome: 'completed' });
  expect(flow.inputOf('planChange')).toMatchObject({ revision: 7, image: 'postgres:rebuilt' });
});
