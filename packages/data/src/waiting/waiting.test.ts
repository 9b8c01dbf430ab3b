import { OneByOne, Signal } from './index.ts';

const FOR_EVER = 2 ** 31 - 1;

it('everybody who waits is woken when something has changed', async () => {
  const signal = new Signal();
  const waiting = [signal.next(), signal.next(FOR_EVER), signal.next(FOR_EVER, new AbortController().signal)];
  signal.tell();
  await Promise.all(waiting);
});

it('who waits is woken by the time, and by an abort, also by one that was before', async () => {
  const signal = new Signal();
  await signal.next(1);
  const abort = new AbortController();
  const waiting = signal.next(FOR_EVER, abort.signal);
  abort.abort();
  await waiting;
  await signal.next(FOR_EVER, abort.signal);
});

it('questions are asked one by one, also after one that failed', async () => {
  const queue = new OneByOne();
  const order: string[] = [];
  let release = (): void => undefined;
  const first = queue.run(() => new Promise<void>((resolve) => (release = resolve)).then(() => order.push('first')));
  const second = queue.run(() => Promise.reject(new Error('second')));
  const third = queue.run(async () => order.push('third'));
  await Promise.resolve();
  release();
  await expect(second).rejects.toThrow('second');
  await Promise.all([first, third]);
  expect(order).toEqual(['first', 'third']);
});
