import { untilReady } from './until-ready.ts';

test('a key that cannot be had at first is asked for again, and what is in the way is told once', async () => {
  let asked = 0;
  const told: unknown[] = [];
  const ready = (): Promise<void> => {
    asked += 1;
    return asked < 3 ? Promise.reject(new Error('no server gives data keys')) : Promise.resolve();
  };
  const begun = Date.now();
  await untilReady({ ready }, new AbortController().signal, (err) => told.push((err as Error).message));
  expect([asked, told]).toEqual([3, ['no server gives data keys']]);
  expect(Date.now() - begun).toBeGreaterThanOrEqual(1990);
});

test('who ends meanwhile is not held up', async () => {
  const ending = new AbortController();
  const waits = untilReady({ ready: () => Promise.reject(new Error('away')) }, ending.signal, () => ending.abort());
  await expect(waits).rejects.toThrow('aborted');
});
