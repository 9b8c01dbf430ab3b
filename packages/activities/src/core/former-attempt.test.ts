import { MockActivityEnvironment } from '@temporalio/testing';
import { taskLogEntries } from '@windlass/resources/tasks';
import { createMemoryKv } from '@windlass/resources/store';
import { tellSilence, type RunningActivity, type TimeoutBefore } from './former-attempt.ts';

const info = {
  activityId: '7',
  workflowExecution: { workflowId: 'database/shop', runId: 'r1' },
  retryPolicy: { maximumAttempts: 20 },
};
const TASK = { entity: { kind: 'database', id: 'shop' }, taskId: 't1' };

/** What an attempt writes into the log before it does its work, and what it asked. */
async function told(attempt: number, timeoutBefore: TimeoutBefore, more: object = {}) {
  const kv = createMemoryKv();
  const asked: RunningActivity[] = [];
  const ask: TimeoutBefore = (activity) => (asked.push(activity), timeoutBefore(activity));
  const activities = { applyStep: () => Promise.resolve('done'), planChange: () => Promise.resolve('done') };
  const { applyStep, planChange } = tellSilence(kv, ask, activities) as Record<
    string,
    (input: object) => Promise<string>
  >;
  const run = 'step' in more ? applyStep : planChange;
  if (!run) throw new Error('no activity');
  expect(await new MockActivityEnvironment({ ...info, attempt }).run(run, { ...TASK, ...more })).toBe('done');
  const rows = await kv.list(taskLogEntries.under('database', 'shop', 't1'));
  return { log: rows.map((row) => row.value as { message: string; error?: string }), asked };
}
const silent = () => Promise.resolve('heartbeat timeout');

test('the attempt after one whose worker died says so, with the number of that one', async () => {
  const { log, asked } = await told(3, silent);
  const error = 'its worker gave no answer (heartbeat timeout)';
  expect(log).toMatchObject([{ message: `error in 'plan change': ${error} (attempt 2 of 20, tried again)` }]);
  expect(asked).toEqual([{ workflowId: 'database/shop', runId: 'r1', activityId: '7' }]);
});

test('of a step it is said by the name of its resource', async () => {
  const step = { action: 'create', ref: { kind: 'swarm.network', id: 'windlass-shop' } };
  const { log } = await told(2, silent, { step });
  expect(log[0]?.message).toMatch(/^error while creating resource swarm\.network::windlass-shop: its worker gave no /);
});

test.each([
  ['it is the first', 1, silent],
  ['the former one said itself why it failed', 2, () => Promise.resolve(undefined)],
  ['Temporal does not answer', 2, () => Promise.reject(new Error('14 UNAVAILABLE'))],
  ['it is one of many', 25, silent],
])('an attempt says nothing of another, and does its work, when %s', async (_when, attempt, before) => {
  expect((await told(attempt, before)).log).toEqual([]);
});
