/**
 * The commit time that every peer's stream is past, as seen from this node. Commit times of one node do not fall (but see
 * `FORGET_MARGIN`), so what is still to come is not older. A peer that has sent nothing yet holds it back for ever; so does one that is away. What counts is
 * what has arrived here: that a peer confirmed a delete says nothing of what it had sent before.
 */
export function horizonOf(peers: Iterable<number>, arrived: (peer: number) => number | undefined): number {
  let horizon = Infinity;
  for (const peer of peers) horizon = Math.min(horizon, arrived(peer) ?? -Infinity);
  return horizon;
}

/**
 * How far commit times may fall within one stream: a transaction takes its time a moment before its place in the WAL. An
 * hour is much more than that moment.
 */
export const FORGET_MARGIN = 3_600_000_000;

/** A tombstone may go when nothing older than it can arrive. */
export function mayForget(time: number, horizon: number, margin = FORGET_MARGIN): boolean {
  return time < horizon - margin;
}

/** Who was away longer than tombstones are kept for it is made anew by a copy, never resumed. */
export function mustBeRebuilt(arrived: number, now: number, keep: number): boolean {
  return now - arrived > keep;
}
