import type { SourceEvent } from '../source/postgres/index.ts';

/**
 * Reads a stream until an event of which this is true has come; gives all events up to the end of that turn. Who reads on afterwards
 * gives the stream's iterator, which knows what it has taken and not given yet.
 */
export async function readUntil(
  stream: AsyncIterable<readonly SourceEvent[], void>,
  isLast: (event: SourceEvent, all: readonly SourceEvent[]) => boolean,
): Promise<SourceEvent[]> {
  const all: SourceEvent[] = [];
  const iterator = stream[Symbol.asyncIterator]();
  for (;;) {
    const { value, done } = await iterator.next();
    if (done) return all;
    all.push(...value);
    if (value.some((event) => isLast(event, all))) return all;
  }
}

/** Ends with the non-transactional message of this prefix. */
export const untilMark =
  (prefix: string) =>
  (event: SourceEvent): boolean =>
    event.kind === 'message' && event.prefix === prefix;
