import { DomainError, toFailure } from '@windlass/resources/errors';
import { WorkflowFailedError } from '@temporalio/client';
import { ApplicationFailure, CancelledFailure } from '@temporalio/common';
import { databaseTaskOf } from '../postgres/database-task.ts';
import { Gate } from '../testing/gate.ts';
import { openRig, type Rig } from '../testing/rig.ts';
import { step } from '../testing/steps.ts';

let rig: Rig;
beforeAll(async () => (rig = await openRig()));
afterAll(() => rig.close());

/** What the workflow failed with, without the client's wrapping. */
const failureOf = async (result: Promise<unknown>): Promise<unknown> =>
  result.then(
    () => undefined,
    (err: unknown) => (err instanceof WorkflowFailedError ? err.cause : err),
  );

test('begins, refreshes, plans, applies each step on its queue, samples the hosts it touched, finishes', async () => {
  const finding = { ref: { kind: 'test', id: 'old' }, missing: true, drift: [] };
  const flow = await rig.start(
    'updateDatabase',
    {
      refreshQueues: ['host.h1'],
      findings: [finding],
      steps: [step('a'), step('b', [0], { queue: 'host.h2', executor: { on: 'host', hostId: 'h2' } })],
    },
    { revision: 7, force: true },
  );
  await flow.handle.result();
  expect(flow.calls.map(({ activity, queue }) => `${activity} on ${queue}`)).toEqual([
    'beginTask on control',
    'refreshHost on host.h1',
    'planChange on control',
    'applyStep on host.h1',
    'applied on host.h1',
    'applyStep on host.h2',
    'applied on host.h2',
    expect.stringMatching(/^sampleInstances on host\.h[12]$/),
    expect.stringMatching(/^sampleInstances on host\.h[12]$/),
    'finishTask on control',
  ]);
  const names = databaseTaskOf(flow.databaseId, 'task-1');
  expect(flow.inputOf('planChange')).toEqual({
    ...names,
    revision: 7,
    force: true,
    findings: [finding],
    unreachable: [],
  });
  const { queue: _queue, ...a } = step('a');
  expect(flow.inputOf('applyStep')).toEqual({ ...names, step: a });
  expect(flow.inputOf('finishTask')).toEqual({ ...names, outcome: 'completed' });
});

test('a delete samples nothing: there is nothing left to look at', async () => {
  const flow = await rig.start('deleteDatabase', { steps: [step('a', [], { action: 'delete' })] });
  await flow.handle.result();
  expect(flow.names()).toEqual([
    'beginTask',
    'planChange',
    'applyStep delete test::a',
    'applied delete test::a',
    'finishTask',
  ]);
});

test('a step without a queue is placed when its turn comes', async () => {
  const primary = { on: 'primary', node: 'n1' } as const;
  const { queue: _queue, ...unplaced } = step('b', [0], { executor: primary });
  const flow = await rig.start('createDatabase', { steps: [step('a'), unplaced] });
  await flow.handle.result();
  expect(flow.names().slice(3, 6)).toEqual(['applied create test::a', 'placeStep', 'applyStep create test::b']);
  expect(flow.inputOf('placeStep')).toEqual({ ...databaseTaskOf(flow.databaseId, 'task-1'), executor: primary });
});

test('a slow step that says nothing goes on any more is not begun again; any other is', async () => {
  for (const [more, expected] of [
    [{ slow: true }, 1],
    [{}, 2],
  ] as const) {
    let tries = 0;
    const apply = (): void => {
      tries += 1;
      if (tries === 1) throw toFailure(new DomainError('instance_not_ready', 'it did not become ready'));
    };
    const flow = await rig.start('createDatabase', { steps: [step('a', [], more)], apply });
    await flow.handle.result().catch(() => undefined);
    expect(tries).toBe(expected);
  }
});

test('of alternatives one is enough, and none is not', async () => {
  const either = (id: string, a: number, b: number) => step(id, [], { afterAny: [[[a], [b]]] });
  const flow = await rig.start('createDatabase', {
    steps: [step('bad'), step('good'), step('worse'), either('begins', 0, 1), either('does-not', 0, 2)],
    apply: (label) => {
      if (/::(bad|worse)$/.test(label)) throw toFailure(new DomainError('invalid_input', 'no'));
    },
  });
  expect(await failureOf(flow.handle.result())).toMatchObject({ type: 'steps_failed' });
  expect(flow.names()).toContain('applied create test::begins');
  expect(flow.names()).not.toContain('applyStep create test::does-not');
});

test('a step at the primary looks again when another member has taken over', async () => {
  const { queue: _queue, ...unplaced } = step('a', [], { executor: { on: 'primary', node: 'n1' } });
  let moved = 0;
  const flow = await rig.start('createDatabase', {
    steps: [unplaced],
    apply: () => {
      moved += 1;
      if (moved < 3) throw toFailure(new DomainError('primary_moved', 'n1-b leads now'));
    },
  });
  await flow.handle.result();
  const round = ['placeStep', 'applyStep create test::a'];
  expect(flow.names().slice(2, -1)).toEqual([...round, ...round, ...round, 'applied create test::a']);
});

test('independent chains run at the same time', async () => {
  const here = { a: new Gate(), b: new Gate() };
  const flow = await rig.start('createDatabase', {
    steps: [step('a'), step('b'), step('a2', [0]), step('b2', [1])],
    apply: (label) => (label.endsWith('::a') ? here.a.wait() : label.endsWith('::b') ? here.b.wait() : undefined),
  });
  await Promise.all([here.a.reached, here.b.reached]); // both run before either has ended
  here.b.open();
  await until(() => flow.names().includes('applied create test::b2'));
  expect(flow.names()).not.toContain('applied create test::a'); // b's chain did not wait for a's
  here.a.open();
  await flow.handle.result();
  expect(flow.names()).toContain('applied create test::a2');
});

test('a failed step stops only what depends on it; the error keeps its name and is told to the task', async () => {
  const flow = await rig.start('createDatabase', {
    steps: [step('bad'), step('after-bad', [0]), step('later', [1]), step('good'), step('after-good', [3])],
    apply: (label) => {
      if (label.endsWith('::bad')) throw toFailure(new DomainError('invalid_input', 'port 80 is taken'));
    },
  });
  const failure = await failureOf(flow.handle.result());
  expect(failure).toBeInstanceOf(ApplicationFailure);
  expect(failure).toMatchObject({ type: 'invalid_input', message: 'port 80 is taken' });
  expect(
    flow
      .names()
      .filter((name) => name.startsWith('appl'))
      .sort(),
  ).toEqual([
    'applied create test::after-good',
    'applied create test::good',
    'applyStep create test::after-good',
    'applyStep create test::bad',
    'applyStep create test::good',
  ]);
  expect(flow.inputOf('finishTask')).toMatchObject({ outcome: 'failed', error: 'port 80 is taken' });
});

test('several failed steps become one readable line', async () => {
  const flow = await rig.start('createDatabase', {
    steps: [step('a'), step('b')],
    apply: (label) => {
      throw toFailure(new DomainError('invalid_input', `${label} is wrong`));
    },
  });
  const failure = await failureOf(flow.handle.result());
  expect(failure).toMatchObject({
    type: 'steps_failed',
    message: expect.stringMatching(/^2 steps failed; the first: create test::[ab] is wrong$/),
  });
});

test('cancelled in the middle: the step hears it, nothing more starts, the task ends as canceled', async () => {
  const gate = new Gate();
  const flow = await rig.start('createDatabase', {
    steps: [step('a'), step('slow', [0]), step('never', [1])],
    apply: async (label, canceled) => {
      if (label.endsWith('::slow')) await Promise.race([gate.wait(), canceled]);
    },
  });
  await gate.reached;
  await flow.handle.cancel();
  expect(await failureOf(flow.handle.result())).toBeInstanceOf(CancelledFailure);
  expect((await flow.handle.describe()).status.name).toBe('CANCELLED');
  expect(flow.names()).toEqual([
    'beginTask',
    'planChange',
    'applyStep create test::a',
    'applied create test::a',
    'applyStep create test::slow',
    'finishTask',
  ]);
  expect(flow.inputOf('finishTask')).toEqual({ ...databaseTaskOf(flow.databaseId, 'task-1'), outcome: 'canceled' });
});

test('cancelled, and the worker of a step dies before it hears of that: the task ends as canceled all the same', async () => {
  const gate = new Gate();
  const flow = await rig.start('createDatabase', { steps: [step('a')], silent: true, apply: () => gate.wait() });
  await gate.reached;
  await flow.handle.cancel();
  expect(await failureOf(flow.handle.result())).toBeInstanceOf(CancelledFailure);
  gate.open();
  expect(flow.inputOf('finishTask')).toMatchObject({ outcome: 'canceled' });
});

test('cancelled while it plans: no step starts, the task ends as canceled', async () => {
  const gate = new Gate();
  const flow = await rig.start('createDatabase', { steps: [step('a')], plan: () => gate.wait() });
  await gate.reached;
  await flow.handle.cancel();
  expect(await failureOf(flow.handle.result())).toBeInstanceOf(CancelledFailure);
  gate.open();
  expect(flow.names()).toEqual(['beginTask', 'planChange', 'finishTask']);
  expect(flow.inputOf('finishTask')).toMatchObject({ outcome: 'canceled' });
});

test('finishTask is repeated until it succeeds', async () => {
  const attempts: number[] = [];
  const flow = await rig.start('createDatabase', {
    finish: (attempt) => {
      attempts.push(attempt);
      if (attempt < 3) throw new Error('etcd is away');
    },
  });
  await flow.handle.result();
  expect(attempts).toEqual([1, 2, 3]);
});

async function until(probe: () => boolean): Promise<void> {
  while (!probe()) await new Promise((resolve) => setTimeout(resolve, 5));
}
