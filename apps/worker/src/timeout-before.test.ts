import { openTimeoutBefore } from './timeout-before.ts';

const RUNNING = { workflowId: 'database/shop', runId: 'r1', activityId: '7' };

/** What is said of an activity whose last attempt ended so; `asked` is what Temporal was asked. */
async function said(lastFailure: object | undefined, activityId = '7') {
  const asked: unknown[] = [];
  const describeWorkflowExecution = (request: unknown) => {
    asked.push(request);
    const other = { activityId: '6', lastFailure: { timeoutFailureInfo: { timeoutType: 1 } } };
    return Promise.resolve({ pendingActivities: [other, { activityId, lastFailure }] });
  };
  const withDeadline = <T>(_at: unknown, call: () => Promise<T>): Promise<T> => call();
  const connection = { workflowService: { describeWorkflowExecution }, withDeadline };
  return { said: await openTimeoutBefore(connection as never, 'ns')(RUNNING), asked };
}

test.each([
  ['its worker was silent', { timeoutFailureInfo: { timeoutType: 4 } }, 'heartbeat timeout'],
  ['it did not end in its time', { timeoutFailureInfo: { timeoutType: 1 } }, 'start-to-close timeout'],
  ['it failed, and said why', { applicationFailureInfo: { type: 'server_error' } }, undefined],
  ['nothing is known of it', undefined, undefined],
])('of an attempt: %s', async (_what, failure, expected) => {
  const { said: answer, asked } = await said(failure);
  expect(answer).toBe(expected);
  expect(asked).toEqual([{ namespace: 'ns', execution: { workflowId: 'database/shop', runId: 'r1' } }]);
});

test('an activity that has ended meanwhile has no former attempt', async () => {
  expect((await said({ timeoutFailureInfo: { timeoutType: 4 } }, '8')).said).toBeUndefined();
});
