import { ApplicationFailure } from '@temporalio/activity';
import { MockActivityEnvironment } from '@temporalio/testing';
import { DomainError } from '@windlass/resources/errors';
import { endUnknownFailures } from './end-unknown-failures.ts';

const failWith = (err: unknown, attempt: number): Promise<unknown> => {
  const { work } = endUnknownFailures({ work: (_input: object) => Promise.reject(err) });
  const environment = new MockActivityEnvironment({ attempt });
  return environment.run(work, {}).catch((failure: unknown) => failure);
};

test('what nobody has given a name is tried a few times, then it ends with its reason', async () => {
  const defect = new TypeError("cannot read 'x' of undefined\nand more");
  expect(await failWith(defect, 4)).toBe(defect);
  expect(await failWith(defect, 5)).toMatchObject({
    nonRetryable: true,
    type: 'server_error',
    message: "internal error: cannot read 'x' of undefined",
  });
});

test('an error of the domain says by itself whether it lasts, wherever it was thrown', async () => {
  expect(await failWith(new DomainError('image_not_found'), 1)).toMatchObject({ type: 'image_not_found', nonRetryable: true });
  expect(await failWith(new DomainError('no_primary'), 9)).toMatchObject({ type: 'no_primary', nonRetryable: false });
}); // prettier-ignore

test('a failure that is one already passes', async () => {
  const failure = ApplicationFailure.retryable('again', 'docker_unavailable');
  expect(await failWith(failure, 9)).toBe(failure);
});

test('what succeeds is as it was', async () => {
  const { work } = endUnknownFailures({ work: (n: number) => Promise.resolve(n + 1) });
  expect(await new MockActivityEnvironment().run(work, 1)).toBe(2);
});
