import { repeat } from './repeat.ts';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

test('it is done again after each end, also after a failure, which is told, and not once it is stopped', async () => {
  const errors: unknown[] = [];
  const results = [Promise.resolve(5), Promise.reject(new Error('away')), Promise.resolve(5)];
  const work = jest.fn(() => results.shift() ?? Promise.resolve(5));
  const stop = repeat(
    work,
    (last) => last ?? 100,
    (err) => errors.push(err),
  );
  await jest.advanceTimersByTimeAsync(99);
  expect(work).toHaveBeenCalledTimes(0);
  await jest.advanceTimersByTimeAsync(1);
  await jest.advanceTimersByTimeAsync(5);
  expect([work.mock.calls.length, errors]).toEqual([2, [new Error('away')]]);
  await jest.advanceTimersByTimeAsync(100);
  expect(work).toHaveBeenCalledTimes(3);
  stop();
  await jest.advanceTimersByTimeAsync(1000);
  expect(work).toHaveBeenCalledTimes(3);
});
