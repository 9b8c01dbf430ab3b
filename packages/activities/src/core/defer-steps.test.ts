import type { Executor, Step } from '@windlass/resources/plan';
import { deferSteps } from './defer-steps.ts';

const step = (id: string, host: string, after: number[] = [], more: Partial<Step> = {}): Step => ({
  action: 'update',
  ref: { kind: 'thing', id },
  reason: 'spec_changed',
  fields: [],
  executor: { on: 'host', hostId: host },
  after,
  ...more,
});
const queueOf = (executor: Executor): Promise<string> =>
  Promise.resolve(executor.on === 'host' ? `host.${executor.hostId}` : 'control');
const divide = (steps: Step[], away: string[], deletableAt: () => 'any' | undefined = () => undefined) =>
  deferSteps(steps, away, queueOf, deletableAt);

describe('steps of hosts that do not answer', () => {
  it('are left for later, and what depended on them is done now', async () => {
    const { now, later } = await divide([step('a', 'h1'), step('b', 'h2', [0]), step('c', 'h2', [0, 1])], ['host.h1']);
    expect(later.map((s) => s.ref.id)).toEqual(['a']);
    expect(now.map((s) => [s.ref.id, s.after])).toEqual([
      ['b', []],
      ['c', [0]],
    ]);
  });

  it('leave of alternatives those that can be done', async () => {
    const user = step('u', 'h2', [], { afterAny: [[[0], [1]], [[0]]] });
    const { now } = await divide([step('a', 'h1'), step('b', 'h2'), user], ['host.h1']);
    expect(now.at(-1)).toMatchObject({ after: [], afterAny: [[[0]]] });
  });

  it('are deleted elsewhere where that can be done', async () => {
    const steps = [step('a', 'h1', [], { action: 'delete' })];
    expect((await divide(steps, ['host.h1'], () => 'any')).now).toEqual([{ ...steps[0], executor: { on: 'any' } }]);
    expect((await divide(steps, ['host.h1'])).later).toEqual(steps);
  });

  it('change nothing while every host answers', async () => {
    const steps = [step('a', 'h1'), step('b', 'h2', [0])];
    expect(await divide(steps, [])).toEqual({ now: steps, later: [] });
  });
});
