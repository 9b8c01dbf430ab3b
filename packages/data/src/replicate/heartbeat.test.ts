import { Heartbeat } from './heartbeat.ts';

/** A write that is done when the test says so. */
function held() {
  const writes: (() => void)[] = [];
  const heartbeat = new Heartbeat(() => new Promise<void>((resolve) => writes.push(resolve)));
  return { writes, heartbeat };
}

it('whoever asks while one is written waits for one that begins afterwards, all for the same', async () => {
  const { writes, heartbeat } = held();
  const first = heartbeat.beat();
  let done = 0;
  const later = [heartbeat.beat(), heartbeat.beat()].map((one) => one.then(() => (done += 1)));
  writes[0]?.();
  await first;
  await new Promise(setImmediate);
  expect([writes.length, done]).toEqual([2, 0]);
  writes[1]?.();
  await Promise.all(later);
  const next = heartbeat.beat();
  expect(writes.length).toBe(3);
  writes[2]?.();
  await next;
});

it('one that fails does not fail the next', async () => {
  let fails = true;
  const heartbeat = new Heartbeat(() => (fails ? Promise.reject(new Error('gone')) : Promise.resolve()));
  await expect(heartbeat.beat()).rejects.toThrow('gone');
  fails = false;
  await heartbeat.beat();
});
