import { DomainError, toFailure } from '@windlass/resources/errors';
import type { Script } from '../testing/fake-activities.ts';
import { Gate } from '../testing/gate.ts';
import { end, member, moves, node, only, refused } from '../testing/moves.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const start = (workflow: string, script: Script, input: object = {}): Promise<Flow> =>
  rig.start(workflow, { node, ...script }, { nodeName: 'n1', ...input });

describe('switchover', () => {
  test('prepares and hands over at the primary, waits at the successor, samples every host of the node', async () => {
    const flow = await start('switchoverNode', {}, { candidate: 'b' });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow)).toEqual(['prepareSwitchover on host.h1', 'switchOver on host.h1', 'awaitReady on host.h2']);
    expect(flow.names()[0]).toBe('beginOperation');
    const sampled = flow.calls.filter((c) => c.activity === 'sampleInstances').map((c) => c.queue);
    expect(sampled.sort()).toEqual(['host.h1', 'host.h2']);
  });

  test('without a primary it is refused, and nothing is touched', async () => {
    const flow = await start('switchoverNode', { node: { scope: 's', members: node.members } });
    expect(await end(flow)).toEqual({ outcome: 'failed', error: "'s' has no primary that could hand over" });
    expect(moves(flow)).toEqual([]);
  });

  test('a refusal is not tried again and fails the task in its own words', async () => {
    const flow = await start('switchoverNode', only('prepareSwitchover', () => Promise.reject(refused('too far behind')))); // prettier-ignore
    expect(await end(flow)).toEqual({ outcome: 'failed', error: 'too far behind' });
    expect(moves(flow)).toEqual(['prepareSwitchover on host.h1']);
  });

  test('a step that finds the database taken over cancels the task, before the cancel has come', async () => {
    const taken = toFailure(new DomainError('stale_task', 'no longer owns'));
    const flow = await start(
      'switchoverNode',
      only('prepareSwitchover', () => Promise.reject(taken as Error)),
    );
    expect(await end(flow)).toEqual({ outcome: 'canceled' });
  });

  test('a host that is away is known within seconds', async () => {
    const away = { ...node, members: [member('a', 'away'), member('b', 'h2')] };
    const flow = await start('switchoverNode', { node: away });
    expect(await end(flow)).toMatchObject({
      outcome: 'failed',
      error: expect.stringMatching(/did not answer in time/),
    });
  });

  test('canceled before the primary is asked it ends; nothing was done', async () => {
    const gate = new Gate();
    const flow = await start('switchoverNode', {
      move: (now, canceled) => (now === 'prepareSwitchover' ? Promise.race([gate.wait(), canceled]) : undefined),
    });
    await gate.reached;
    await flow.handle.cancel();
    expect(await end(flow)).toEqual({ outcome: 'canceled' });
    expect(moves(flow)).toEqual(['prepareSwitchover on host.h1']);
  });

  test('canceled while the primary hands over it is carried through, and says so', async () => {
    const gate = new Gate();
    const flow = await start(
      'switchoverNode',
      only('switchOver', () => gate.wait()),
    );
    await gate.reached;
    await flow.handle.cancel();
    gate.open();
    expect(await end(flow)).toEqual({ outcome: 'canceled' });
    expect(moves(flow)).toEqual(['prepareSwitchover on host.h1', 'switchOver on host.h1', 'awaitReady on host.h2']);
  });

  test('scheduled: waits for its time, then for its turn, then does the same', async () => {
    const scheduledAt = new Date(Date.now() + 300).toISOString();
    const flow = await start('switchoverNode', {}, { scheduledAt });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow).slice(0, 3)).toEqual([
      'beginWaiting on control',
      'takeDatabase on control',
      'prepareSwitchover on host.h1',
    ]);
    expect(flow.inputOf('beginWaiting')).toMatchObject({ scheduledAt });
  });

  test('scheduled and canceled: it never takes the database', async () => {
    const gate = new Gate();
    const scheduledAt = new Date(Date.now() + 3_600_000).toISOString();
    const flow = await start(
      'switchoverNode',
      only('beginWaiting', () => gate.wait()),
      { scheduledAt },
    );
    await gate.reached;
    gate.open();
    await flow.handle.cancel();
    expect(await end(flow)).toEqual({ outcome: 'canceled' });
    expect(moves(flow)).toEqual(['beginWaiting on control']);
  });
});

describe('failover', () => {
  test('of a healthy node is refused unless that is skipped', async () => {
    const flow = await start('failoverNode', { lives: true });
    const error = 'cluster is healthy; refuse failover unless skip_validation is true';
    expect(await end(flow)).toEqual({ outcome: 'failed', error });
    expect(moves(flow)).toEqual(['checkPrimary on host.h1']);
    const forced = await start('failoverNode', { lives: true }, { skipValidation: true });
    expect(await end(forced)).toEqual({ outcome: 'completed' });
    expect(moves(forced)).toEqual(['prepareFailover on host.h2', 'failOver on host.h2', 'awaitReady on host.h2']);
    expect(forced.inputOf('prepareFailover')).toMatchObject({ skipValidation: true, leader: 'a', instanceId: 'b' });
  });

  test('with the primary dead a survivor is asked at once', async () => {
    const flow = await start('failoverNode', { lives: false });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow).slice(0, 2)).toEqual(['checkPrimary on host.h1', 'prepareFailover on host.h2']);
  });

  test('with the host of the primary away its lease is waited for, and a survivor takes over', async () => {
    const members = [member('a', 'away'), member('b', 'h2')];
    const flow = await start('failoverNode', { node: { ...node, members } });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(moves(flow)[0]).toBe('awaitRelease on control');
    expect(flow.inputOf('failOver')).toMatchObject({ leader: 'a', candidate: 'b', instanceId: 'b' });
  });

  test('the candidate is asked first; where its host is away another member is asked', async () => {
    const members = [member('a', 'h1'), member('b', 'h2'), member('c', 'away')];
    const flow = await start('failoverNode', { node: { ...node, members } }, { candidate: 'c' });
    expect(await end(flow)).toEqual({ outcome: 'completed' });
    expect(flow.inputOf('prepareFailover')).toMatchObject({ candidate: 'c', instanceId: 'b' });
    expect(flow.inputOf('failOver')).toMatchObject({ candidate: 'c', instanceId: 'b' });
  });

  test('with no other member that answers it fails, and never asks the primary', async () => {
    const members = [member('a', 'h1'), member('b', 'h2', true)];
    const flow = await start('failoverNode', { node: { ...node, members } });
    expect(await end(flow)).toEqual({ outcome: 'failed', error: "no host of another member of 's' answers" });
    expect(moves(flow)).toEqual(['checkPrimary on host.h1']);
  });
});
