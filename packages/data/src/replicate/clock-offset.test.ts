import type pg from 'pg';
import { offsetMs, sampleClock } from './clock-offset.ts';

beforeEach(() => void jest.useFakeTimers());
afterEach(() => void jest.useRealTimers());

/** A server whose clock is ahead, and reads it half way; its answers take so long, one after the other. */
function serverAhead(ms: number, ...delays: readonly number[]) {
  const asked: number[] = [];
  const query = async () => {
    const delay = delays[asked.length] ?? 0;
    asked.push(delay);
    jest.advanceTimersByTime(delay / 2);
    const now = String((Date.now() + ms) * 1000);
    jest.advanceTimersByTime(delay / 2);
    return { rows: [{ now }] };
  };
  return { client: { query } as unknown as pg.Client, asked };
}

it('takes the answer that came fastest, and compares two clocks whatever the own says', async () => {
  const [own, peer] = [serverAhead(-5000, 40, 20, 60), serverAhead(3000, 200, 100, 10)];
  const [ofOwn, ofPeer] = [await sampleClock(own.client), await sampleClock(peer.client)];
  expect([ofOwn.roundTripMs, ofPeer.roundTripMs]).toEqual([20, 10]);
  expect(offsetMs(ofPeer, ofOwn)).toBe(8000);
});

it.each([
  [[4], 1],
  [[100, 2], 2],
  [[100, 200, 300], 3],
])('of answers that take %j ms it wants %i', async (delays, wanted) => {
  const { client, asked } = serverAhead(0, ...delays);
  await sampleClock(client);
  expect(asked).toHaveLength(wanted);
});
