import { DomainError, toFailure } from '@windlass/resources/errors';
import { member } from '../testing/moves.ts';
import { openRig, type Flow, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

const remade = ['n2'];
const steps = [step('a')];
const site = { queue: 'host.h1', instanceId: 'a', leader: 'a', scope: 's', members: [member('a', 'h1')] };
const script = {
  refreshQueues: ['host.h1'],
  steps,
  sites: { n1: site },
  node: { scope: 's', leader: 'a', members: [member('a', 'h1')] },
};
const restore = { revision: 7, remade, keepHours: 24, parts: [{ nodeName: 'n1', taskId: 'part-1' }] };

/** What is planned, applied, swapped and noted, with the revision that is planned for or what is noted. */
const story = ({ calls }: Flow): string[] =>
  calls.flatMap(({ activity, input }) => {
    const { revision, phase } = input as { revision?: number; phase?: string };
    if (activity === 'planChange') return [`plan ${String(revision)}`];
    if (activity === 'remakeNodes') return [String(phase)];
    return ['applyStep', 'swapData', 'swapDataBack'].includes(activity) ? [activity] : [];
  });
const end = async (flow: Flow) => {
  await flow.handle.result().catch(() => undefined);
  return flow.inputOf('finishTask');
};

test('nodes that are made anew are removed first; what comes back is declared anew', async () => {
  const flow = await rig.start('updateDatabase', script, { revision: 7, remade });
  expect(await end(flow)).toMatchObject({ outcome: 'completed' });
  expect(story(flow)).toEqual(['begin', 'plan 8', 'applyStep', 'gone', 'plan 8', 'applyStep']);
});

test('a host that does not answer is said before anything is changed', async () => {
  const away = { ...script, refreshQueues: ['host.h1', 'host.away'] };
  for (const [workflow, input] of [
    ['updateDatabase', { revision: 7, remade }],
    ['restoreDatabase', restore],
  ] as const) {
    const flow = await rig.start(workflow, away, input);
    const { error, ...rest } = await end(flow);
    expect(rest).toMatchObject({ outcome: 'failed', ...(workflow === 'restoreDatabase' && { untouched: true }) });
    expect(error).toContain('host.away does not answer, so n2 cannot be made anew; nothing was changed');
    expect(story(flow)).toEqual([]);
  }
});

test('one of several nodes is restored alone, and the others come back as copies of it', async () => {
  const flow = await rig.start('restoreDatabase', script, restore);
  expect(await end(flow)).toMatchObject({ outcome: 'completed', untouched: false });
  expect(story(flow)).toEqual(['begin', 'plan 8', 'applyStep', 'swapData', 'gone', 'plan 8', 'applyStep']);
});

test('the others come back also when the one could not be restored', async () => {
  let ready = 0;
  const move = (name: string): void => {
    if (name === 'awaitReady' && (ready += 1) === 1)
      throw toFailure(new DomainError('operation_refused', 'it takes no writes'));
  };
  const flow = await rig.start('restoreDatabase', { ...script, move }, restore);
  expect(await end(flow)).toMatchObject({ outcome: 'failed', error: 'it takes no writes', untouched: true });
  expect(story(flow).slice(3)).toEqual(['swapData', 'swapDataBack', 'gone', 'plan 8', 'applyStep']);
});
