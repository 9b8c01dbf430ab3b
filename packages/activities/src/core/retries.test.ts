import { ApplicationFailure } from '@temporalio/activity';
import { taskLogEntries } from '@windlass/resources/tasks';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DomainError, toFailure } from '@windlass/resources/errors';
import { createMemoryKv, type Kv } from '@windlass/resources/store';
import { applyStep } from './apply-step.ts';
import type { ActivityDeps } from './deps.ts';
import { tellRetries } from './retries.ts';

const entity = { kind: 'database', id: 'shop' };
const retryPolicy = { maximumAttempts: 3, nonRetryableErrorTypes: ['instance_not_ready'] };
let kv: Kv;
beforeEach(() => (kv = createMemoryKv()));

const log = async (scope = 'database', entity = 'shop'): Promise<string[]> =>
  (await kv.list(taskLogEntries.under(scope, entity, 't1'))).map((row) => (row.value as { message: string }).message);

/** What an attempt that fails so writes into the log. */
async function told(err: unknown, info: object = {}, input: object = { entity, taskId: 't1' }) {
  const { planChange } = tellRetries(kv, { planChange: (_input: object) => Promise.reject(err as Error) });
  const environment = new MockActivityEnvironment({ attempt: 1, retryPolicy, ...info });
  await expect(environment.run(planChange, input)).rejects.toBe(err);
  return log();
}
const away = toFailure(new DomainError('postgres_unavailable', 'connect ECONNREFUSED 127.0.0.1:5432'));

test('a retry says what failed, why, and for which time', async () => {
  expect(await told(away, { attempt: 2 })).toEqual([
    "error in 'plan change': connect ECONNREFUSED 127.0.0.1:5432 (attempt 2 of 3, tried again)",
  ]);
});

test('of what is tried without end there is no "of", and after twenty times only every tenth is told', async () => {
  const endless = { retryPolicy: { maximumAttempts: 0 } };
  expect(await told(away, { ...endless, attempt: 20 })).toHaveLength(1);
  expect(await told(away, { ...endless, attempt: 21 })).toHaveLength(1);
  expect((await told(away, { ...endless, attempt: 30 }))[1]).toMatch(/ \(attempt 30, tried again\)$/);
});

test.each([
  ['the last attempt', away, { attempt: 3 }],
  ['what is final', toFailure(new DomainError('invalid_input', 'no')), {}],
  ['what this activity takes for final', ApplicationFailure.create({ type: 'instance_not_ready' }), {}],
])('%s is no retry: the task says it', async (_what, err, info) => {
  expect(await told(err, info)).toEqual([]);
});

test('what is not meant for users stays out of it', async () => {
  expect(await told(new TypeError('secret is undefined'))).toEqual([
    "error in 'plan change': internal error (attempt 1 of 3, tried again)",
  ]);
});

test('a task of a host has it in its own log', async () => {
  await told(away, {}, { hostId: 'host-1', taskId: 't1' });
  expect(await log('host', 'host-1')).toHaveLength(1);
});

test('a step of a plan says it by the name of its resource, and a last attempt without the promise of another', async () => {
  const stateful = { ...kv, get: () => Promise.reject(new DomainError('store_unavailable', 'etcd is slow')) };
  const clients = { host: { hostId: 'host-1' } };
  const run = applyStep({ kv: stateful, clients } as unknown as ActivityDeps);
  const step = { action: 'create', ref: { kind: 'postgres.database', id: 'n1:app' } };
  const input = { entity, taskId: 't1', step } as unknown as Parameters<typeof run>[0];
  for (const attempt of [2, 3])
    await expect(new MockActivityEnvironment({ attempt, retryPolicy }).run(run, input)).rejects.toThrow('etcd is slow');
  const what = 'error while creating resource postgres.database::n1:app: etcd is slow';
  const errors = (await log()).filter((message) => message.startsWith('error'));
  expect(errors).toEqual([`${what} (attempt 2 of 3, tried again)`, what]);
});
