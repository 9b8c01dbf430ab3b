import type pg from 'pg';
import { offsetMs, sampleClock } from './clock-offset.ts';

/** A server whose clock is ahead; its answers take so long, one after the other. */
function serverAhead(ms: number, delays: readonly number[]): pg.Client {
  let i = 0;
  const query = async () => {
    await new Promise((resolve) => setTimeout(resolve, delays[i++]));
    return { rows: [{ now: String(Math.round((Date.now() + ms) * 1000)) }] };
  };
  return { query } as unknown as pg.Client;
}

it('takes the answer that came fastest, and compares two clocks whatever the own says', async () => {
  const own = await sampleClock(serverAhead(-5000, [0, 0, 0]));
  const peer = await sampleClock(serverAhead(3000, [200, 1, 100]));
  expect(peer.roundTripMs).toBeLessThan(90);
  expect(Math.abs(offsetMs(peer, own) - 8000)).toBeLessThan(60);
});
