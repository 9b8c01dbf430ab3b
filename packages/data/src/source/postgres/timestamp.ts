/** A moment as Postgres keeps it: microseconds since 2000-01-01 00:00 UTC. No rounding: two commits are compared by it. */
export type Timestamp = bigint;

/** 2000-01-01 00:00 UTC, in milliseconds since 1970. */
const EPOCH_MS = Date.UTC(2000, 0, 1);

/** From milliseconds since 1970, as `Date.now()` gives them. */
export function toTimestamp(unixMs: number): Timestamp {
  return BigInt(Math.round((unixMs - EPOCH_MS) * 1000));
}

/** To milliseconds since 1970; what is below a millisecond is cut off. */
export function toUnixMs(time: Timestamp): number {
  const ms = time / 1000n - (time % 1000n < 0n ? 1n : 0n);
  return Number(ms) + EPOCH_MS;
}

/** ISO 8601 with all six digits: what `timestamptz` reads back without a loss. */
export function formatTimestamp(time: Timestamp): string {
  const micros = ((time % 1000n) + 1000n) % 1000n;
  return new Date(toUnixMs(time)).toISOString().replace('Z', `${String(micros).padStart(3, '0')}Z`);
}
