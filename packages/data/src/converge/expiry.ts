/**
 * The commit time that every peer's stream is past, as seen from this node. Commit times of one node never fall, so what is still
 * to come is not older. A peer that has sent nothing yet holds it back for ever; so does one that is away. What counts is
 * what has arrived here: that a peer confirmed a delete says nothing of what it had sent before.
 */
export function horizonOf(peers: Iterable<number>, arrived: (peer: number) => number | undefined): number {
  let horizon = Infinity;
  for (const peer of peers) horizon = Math.min(horizon, arrived(peer) ?? -Infinity);
  return horizon;
}

/** A tombstone may go when nothing older than it can arrive. */
export function mayForget(time: number, horizon: number): boolean {
  return time < horizon;
}

/** Who was away longer than tombstones are kept for it is made anew by a copy, never resumed. */
export function mustBeRebuilt(arrived: number, now: number, keep: number): boolean {
  return now - arrived > keep;
}
