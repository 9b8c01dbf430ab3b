import { CancelledFailure, Context } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DomainError, toFailure } from '@windlass/resources/errors';
import { heedCancel } from './heed-cancel.ts';

const canceled = (): Promise<void> =>
  new Promise((resolve) =>
    Context.current().cancellationSignal.addEventListener('abort', () => resolve(), { once: true }),
  );

/** Runs `work` as an activity, cancels it once it runs, and gives what came of it. */
async function cancelInside(work: () => Promise<unknown>): Promise<unknown> {
  const env = new MockActivityEnvironment();
  let began = (): void => undefined;
  const begun = new Promise<void>((resolve) => (began = resolve));
  const { activity } = heedCancel({
    activity: async (_input: string) => {
      began();
      return work();
    },
  });
  const ended = env.run(activity, '').then(
    (value) => value,
    (err: unknown) => err,
  );
  await begun;
  env.cancel();
  return ended;
}

test.each([
  ['Postgres', () => new DomainError('postgres_unavailable', 'Postgres does not answer: Connection terminated')],
  ['a refusal that is never repeated', () => toFailure(new DomainError('invalid_input', 'no'))],
  ['an aborted sleep', () => new DOMException('The operation was aborted', 'AbortError')],
])('what %s says of what was taken away under it is a cancel', async (_name, error) => {
  const ended = await cancelInside(async () => {
    await canceled();
    throw error();
  });
  expect(ended).toBeInstanceOf(CancelledFailure);
});

test('work that does not heed its signal is given up, as canceled', async () => {
  expect(await cancelInside(() => new Promise(() => undefined))).toBeInstanceOf(CancelledFailure);
});

test('what is done all the same is done; cleaning up has its time', async () => {
  const ended = await cancelInside(async () => {
    await canceled();
    await new Promise(setImmediate);
    return 'done';
  });
  expect(ended).toBe('done');
});

test('without a cancel an error stays what it is', async () => {
  const { fails } = heedCancel({ fails: (_input: string) => Promise.reject(new DomainError('invalid_input', 'no')) });
  await expect(new MockActivityEnvironment().run(fails, '')).rejects.toMatchObject({ code: 'invalid_input' });
});

test('an activity that was canceled while it hung before its work never begins it', async () => {
  let began = false;
  const env = new MockActivityEnvironment();
  const hook = (_name: string, _input: unknown, signal: AbortSignal): Promise<void> =>
    new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
  const { one } = heedCancel({ one: (_input: string) => Promise.resolve(void (began = true)) }, hook);
  const ended = env.run(one, '');
  env.cancel();
  await expect(ended).rejects.toBeInstanceOf(CancelledFailure);
  expect(began).toBe(false);
});
