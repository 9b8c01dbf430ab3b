import type { Takeover } from './hang-in.ts';

/** What is promised of a cancel and of a forced delete, whatever hangs. */
const CANCELED_WITHIN_MS = 2000;
const TAKES_OVER_WITHIN_MS = 5000;
const DELETED_WITHIN_MS = 60_000;

/** What the work gives for each of them, in the order in which it ended; so many are worked on at once. */
export async function inTurn<T, R>(
  all: readonly T[],
  atOnce: number,
  work: (one: T, i: number) => Promise<R>,
): Promise<R[]> {
  const results: R[] = [];
  const queue = [...all.entries()];
  const one = async (): Promise<void> => {
    for (let next = queue.shift(); next; next = queue.shift()) results.push(await work(next[1], next[0]));
  };
  await Promise.all(Array.from({ length: atOnce }, one));
  return results;
}

function report(what: string, times: readonly number[]): void {
  const sorted = [...times].sort((a, b) => a - b);
  const [median, last] = [sorted[Math.floor(sorted.length / 2)], sorted.at(-1)];
  process.stderr.write(
    `${what}: ${String(times.length)} times, median ${String(median)} ms, at most ${String(last)} ms\n`,
  );
}

/** Every forced delete kept what is promised of it. */
export function promised(takeovers: readonly Takeover[]): void {
  report('a forced delete took over', takeovers.map((t) => t.tookOver)); // prettier-ignore
  report('it was completed', takeovers.map((t) => t.deleted)); // prettier-ignore
  for (const { tookOver, deleted } of takeovers) {
    expect(tookOver).toBeLessThan(TAKES_OVER_WITHIN_MS);
    expect(deleted).toBeLessThan(DELETED_WITHIN_MS);
  }
}

/** Every cancel kept what is promised of it. */
export function heeded(times: readonly number[]): void {
  report('a cancel', times);
  for (const time of times) expect(time).toBeLessThan(CANCELED_WITHIN_MS);
}
