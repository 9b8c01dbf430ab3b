import { Progress } from './progress.ts';
import { StatusTimer, type StatusOptions } from './status.ts';

beforeEach(() => jest.useFakeTimers());
afterEach(() => jest.useRealTimers());

function timer(more: Partial<StatusOptions> = {}) {
  const sent: Buffer[] = [];
  const onSilent = jest.fn();
  const progress = new Progress(7n);
  const one = new StatusTimer({
    ...{ progress, intervalMs: 100, silenceMs: 1000, isPaused: () => false, onSilent, now: () => Date.now() },
    send: (bytes) => sent.push(bytes),
    ...more,
  });
  const asks = () => sent.map((bytes) => bytes.at(-1));
  return { one, sent, asks, onSilent, progress };
}
const keepalive = (replyRequested: boolean) =>
  ({ kind: 'keepalive', walEnd: 9n, sendTime: 0n, replyRequested }) as const;

describe('StatusTimer', () => {
  it('tells what is received and what is confirmed, again and again', () => {
    const { one, sent, progress } = timer();
    one.start();
    progress.receive(9n);
    jest.advanceTimersByTime(350);
    expect(sent).toHaveLength(3);
    expect([1, 9, 17].map((at) => sent[0]?.readBigUInt64BE(at))).toEqual([9n, 7n, 7n]);
    one.stop();
    jest.advanceTimersByTime(1000);
    expect(sent).toHaveLength(3);
  });

  it('answers a keepalive at once when it asks, without claiming its position', () => {
    const { one, sent } = timer();
    one.keepalive(keepalive(false));
    expect(sent).toHaveLength(0);
    one.keepalive(keepalive(true));
    expect(sent[0]?.readBigUInt64BE(9)).toBe(7n);
  });

  it('asks a server that is silent, and gives it up', () => {
    const { one, asks, onSilent } = timer();
    one.start();
    jest.advanceTimersByTime(400);
    expect(asks()).toEqual([0, 0, 0, 0]);
    jest.advanceTimersByTime(500);
    expect(asks().slice(4)).toEqual([1, 1, 1, 1, 1]);
    one.heard();
    jest.advanceTimersByTime(900);
    expect(onSilent).not.toHaveBeenCalled();
    jest.advanceTimersByTime(100);
    expect(onSilent).toHaveBeenCalledTimes(1);
  });

  it.each([{ isPaused: () => true }, { silenceMs: 0 }])(
    'does not mind silence when it is its own, or allowed',
    (more) => {
      const { one, asks, onSilent } = timer(more);
      one.start();
      jest.advanceTimersByTime(5000);
      expect([asks().includes(1), asks().length, onSilent.mock.calls.length]).toEqual([false, 50, 0]);
    },
  );
});
