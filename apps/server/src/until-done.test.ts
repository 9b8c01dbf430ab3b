import { untilDone } from './until-done.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** Work that fails until it has been tried so often. */
function failing(times: number) {
  const seen = { tries: 0, told: [] as unknown[] };
  const work = (): Promise<void> => (++seen.tries <= times ? Promise.reject(new Error('away')) : Promise.resolve());
  return { seen, work, tell: (err: unknown) => void seen.told.push(err) };
}

test('is tried until it is done; why it is not is told once', async () => {
  const { seen, work, tell } = failing(3);
  untilDone(work, tell);
  await jest.advanceTimersByTimeAsync(60_000);
  expect(seen).toEqual({ tries: 4, told: [new Error('away')] });
});

test('whoever stops it while it is being tried hears nothing of it any more', async () => {
  const { seen, work, tell } = failing(Infinity);
  untilDone(work, tell)();
  await jest.advanceTimersByTimeAsync(60_000);
  expect(seen).toEqual({ tries: 1, told: [] });
});
