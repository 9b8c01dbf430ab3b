import type { Activities, NodeFacts } from '@windlass/activities';
import { DomainError, toFailure } from '@windlass/resources/errors';
import type { Script } from '../testing/fake-activities.ts';
import { Gate } from '../testing/gate.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const member = (instanceId: string, queue: string) => ({ instanceId, queue, stopped: false });
const node: NodeFacts = { scope: 's', leader: 'a', members: [member('a', 'host.h1'), member('b', 'host.h2')] };
const script: Script = {
  refreshQueues: ['host.h1'],
  node,
  steps: [step('x'), step('y', [0])],
  sites: { n1: { ...node, instanceId: 'a', queue: 'host.h1' }, n2: { ...node, instanceId: 'a', queue: 'host.h1' } },
};
const parts = [{ nodeName: 'n1', taskId: 'part-1' }];
const restore = { revision: 1, parts, keepHours: 1 };
const backup = { nodeName: 'n1', type: 'full', annotations: {}, options: {}, label: 'F', repository: 1 };

const OPERATIONS: readonly (readonly [string, Record<string, unknown>])[] = [
  ['createDatabase', { revision: 1 }],
  ['updateDatabase', { revision: 1 }],
  ['upgradeDatabase', { revision: 1, image: 'i' }],
  ['deleteDatabase', { purgeBackups: true }],
  ['switchoverNode', { nodeName: 'n1' }],
  ['failoverNode', { nodeName: 'n1', candidate: 'b' }],
  ['restartInstance', { nodeName: 'n1', instanceId: 'a' }],
  ['stopInstance', { nodeName: 'n1', instanceId: 'a', revision: 1 }],
  ['startInstance', { nodeName: 'n1', instanceId: 'a', revision: 1 }],
  ['backupNode', backup],
  ['deleteBackup', backup],
  ['verifyBackup', backup],
  ['restoreDatabase', restore],
  ['undoRestore', restore],
  ['restoreDatabase', { ...restore, remade: ['n2'] }],
  ['updateDatabase', { revision: 1, remade: ['n2'] }],
];

/** The end of a task is recorded, and what it left is cleaned up, whoever cancels. */
const AFTERWARDS: ReadonlySet<string> = new Set(['applied', 'finishTask', 'discardRestore']);
/** The restored data takes writes by then: what is left of a restore is carried through. */
const CARRIED_THROUGH: ReadonlySet<string> = new Set(['noteSwap', 'dropData', 'resumeBackups']);

const ended = async (flow: Flow): Promise<unknown> => {
  await flow.handle.result().catch(() => undefined);
  return flow.inputOf('finishTask')['outcome'];
};

/** Runs it once more, has this activity hang the first time it is asked for, and cancels. */
async function cancelIn(workflow: string, input: Record<string, unknown>, activity: string): Promise<string> {
  const gate = new Gate();
  let hung = false;
  const before = (name: keyof Activities, canceled: Promise<never>): Promise<void> | void => {
    if (name !== activity || hung) return undefined;
    hung = true;
    return Promise.race([gate.wait(), canceled]);
  };
  const flow = await rig.start(workflow, { ...script, before }, input);
  await gate.reached;
  await flow.handle.cancel();
  return `${activity}: ${String(await ended(flow))}`;
}

test.each(OPERATIONS)(
  '%s ends as canceled whichever of its activities hangs',
  async (workflow, input) => {
    const whole = await rig.start(workflow, script, input);
    await whole.handle.result();
    const activities = [...new Set(whole.calls.map((call) => call.activity))].filter(
      (name) => !AFTERWARDS.has(name) && !CARRIED_THROUGH.has(name),
    );
    expect(activities.length).toBeGreaterThan(2);
    const ends = await Promise.all(activities.map((activity) => cancelIn(workflow, input, activity)));
    expect(ends).toEqual(activities.map((activity) => `${activity}: canceled`));
  },
  60_000,
);

/** The moves of a restore from the moment in which something is stopped. */
const moves = (flow: Flow): string[] => {
  const names = flow.calls.map(({ activity, input }) => {
    const { instanceId } = input as { instanceId?: string };
    return instanceId === undefined ? activity : `${activity} ${instanceId}`;
  });
  return names.slice(names.indexOf('holdInstance b')).filter((name) => !/^(discard|sample|finish)/.test(name));
};
const hangIn = (activity: string) => {
  const gate = new Gate();
  const move = (name: string, canceled: Promise<never>): Promise<void> | void =>
    name === activity ? Promise.race([gate.wait(), canceled]) : undefined;
  return { gate, move };
};

test('a restore that is canceled while the copy does not take writes puts everything back, and waits for nobody', async () => {
  const { gate, move } = hangIn('awaitReady');
  const flow = await rig.start('restoreDatabase', { ...script, move }, restore);
  await gate.reached;
  await flow.handle.cancel();
  expect(await ended(flow)).toBe('canceled');
  const forth = ['holdInstance b', 'holdInstance a', 'swapData a', 'releaseInstance a', 'awaitReady a'];
  const back = ['holdInstance a', 'swapDataBack a', 'releaseInstance a', 'releaseInstance b'];
  expect(moves(flow)).toEqual([...forth, ...back]);
  const note = 'everybody runs again with the data they had';
  expect(flow.inputOf('finishTask')).toMatchObject({ untouched: true, note });
});

test('a restore that is canceled before the data was swapped stops nobody else', async () => {
  const { gate, move } = hangIn('holdInstance');
  const flow = await rig.start('restoreDatabase', { ...script, move }, restore);
  await gate.reached;
  await flow.handle.cancel();
  expect(await ended(flow)).toBe('canceled');
  expect(moves(flow)).toEqual(['holdInstance b', 'releaseInstance b']);
});

test('the second node of a restore goes back, too, when its copy does not take writes', async () => {
  let ready = 0;
  const move = (name: string): void => {
    if (name === 'awaitReady' && (ready += 1) === 3)
      throw toFailure(new DomainError('instance_not_ready', 'it takes no writes'));
  };
  const two = [...parts, { nodeName: 'n2', taskId: 'part-2' }];
  const flow = await rig.start('restoreDatabase', { ...script, move }, { ...restore, parts: two });
  expect(await ended(flow)).toBe('failed');
  expect(moves(flow).slice(-6)).toEqual([
    'holdInstance a',
    'swapDataBack a',
    'releaseInstance a',
    'awaitReady a',
    'releaseInstance b',
    'awaitReady b',
  ]);
});

test('a restart that does not come to its end is given up a moment after the cancel, and the log says what goes on', async () => {
  const { gate, move } = hangIn('restartPostgres');
  const flow = await rig.start('restartInstance', { ...script, move }, { nodeName: 'n1', instanceId: 'a' });
  await gate.reached;
  await flow.handle.cancel();
  expect(await ended(flow)).toBe('canceled');
  const note = "Postgres of 'a' was asked to restart, which nobody waited for";
  expect(flow.inputOf('finishTask')).toMatchObject({ note });
});

test('a step that fails for good after the cancel is canceled all the same', async () => {
  const gate = new Gate();
  const apply = async (): Promise<void> => {
    await gate.wait();
    throw toFailure(new DomainError('invalid_input', 'Connection terminated'));
  };
  const flow = await rig.start('updateDatabase', { ...script, apply }, { revision: 1 });
  await gate.reached;
  await flow.handle.cancel();
  gate.open();
  expect(await ended(flow)).toBe('canceled');
});
