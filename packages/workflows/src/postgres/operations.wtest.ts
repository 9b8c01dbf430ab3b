import { DomainError, toFailure } from '@windlass/resources/errors';
import type { NodeFacts } from '@windlass/activities';
import type { Script } from '../testing/fake-activities.ts';
import { Gate } from '../testing/gate.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const member = (instanceId: string, host: string, stopped = false) => ({ instanceId, queue: `host.${host}`, stopped });
const node: NodeFacts = { scope: 's', leader: 'a', members: [member('a', 'h1'), member('b', 'h2')] };
const start = (workflow: string, script: Script, input: object = {}): Promise<Flow> =>
  rig.start(workflow, { node, ...script }, { nodeName: 'n1', ...input });
const refused = (why: string): unknown => toFailure(new DomainError('operation_refused', why));

/** The activities with their queues, without the bookkeeping at both ends and the samples. */
const moves = (flow: Flow): string[] =>
  flow.calls
    .filter(({ activity }) => !['beginOperation', 'findNode', 'sampleInstances', 'finishTask'].includes(activity))
    .map(({ activity, queue }) => `${activity} on ${queue}`);
/** How the task ended. */
const end = async (flow: Flow): Promise<Record<string, unknown>> => {
  await flow.handle.result().catch(() => undefined);
  const { outcome, error } = flow.inputOf('finishTask');
  return { outcome, ...(error !== undefined && { error }) };
};
const only = (activity: string, work: () => Promise<void> | void) => ({
  move: (now: string) => (now === activity ? work() : undefined),
});

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
