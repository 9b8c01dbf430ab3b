import { ShortWaits, repeat } from './waiting.ts';

const FOR_EVER = 2 ** 31 - 1;

it('the first attempt is made at once, none waits for long, and after a success it is as at first', () => {
  const waits = new ShortWaits();
  const some = Array.from({ length: 100 }, () => waits.next());
  expect(some[0]).toBe(0);
  expect(Math.max(...some)).toBeLessThan(500);
  waits.reset();
  expect(waits.next()).toBe(0);
});

it('work is repeated until it fails, or until it is aborted', async () => {
  let count = 0;
  const failing = repeat(new AbortController().signal, 0, async () => {
    count += 1;
    if (count === 3) throw new Error('enough');
  });
  await expect(failing).rejects.toThrow('enough');
  const abort = new AbortController();
  await repeat(abort.signal, FOR_EVER, async () => {
    abort.abort();
    throw new Error('of the abort');
  });
});
