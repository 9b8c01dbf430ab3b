import { FrameQueue } from './frame-queue.ts';
import type { Frame } from './frames.ts';

const keepalive: Frame = { kind: 'keepalive', walEnd: 1n, sendTime: 0n, replyRequested: false };
const data = (length: number): Frame => ({
  kind: 'xlogData',
  walStart: 1n,
  walEnd: 1n,
  sendTime: 0n,
  data: Buffer.alloc(length),
});

function queue() {
  const calls: string[] = [];
  const one = new FrameQueue({ limitBytes: 100, pause: () => calls.push('pause'), resume: () => calls.push('resume') });
  return { one, calls };
}

describe('FrameQueue', () => {
  it('gives all that has come, and waits for the next', async () => {
    const { one } = queue();
    one.push(keepalive);
    one.push(data(1));
    expect(await one.take()).toHaveLength(2);
    const next = one.take();
    one.push(data(2));
    expect(await next).toEqual([data(2)]);
  });

  it('stops the socket above its limit, and lets it go on when all was taken', async () => {
    const { one, calls } = queue();
    one.push(data(100));
    expect(calls).toEqual([]);
    one.push(data(1));
    one.push(data(50));
    expect([calls, one.isPaused, one.bytes]).toEqual([['pause'], true, 151]);
    await one.take();
    expect([calls, one.isPaused, one.bytes]).toEqual([['pause', 'resume'], false, 0]);
  });

  it('gives what is there before it ends, and the first end counts', async () => {
    const { one } = queue();
    one.push(data(1));
    one.end(new Error('first'));
    one.end();
    expect(await one.take()).toHaveLength(1);
    await expect(one.take()).rejects.toThrow('first');
    const other = queue().one;
    const waiting = other.take();
    other.end();
    other.end(new Error('late'));
    expect(await waiting).toEqual([]);
  });
});
