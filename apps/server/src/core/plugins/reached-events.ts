import type { Kv } from '@windlass/resources/store';
import { isReached, type Reach } from '../door/reach.ts';
import { tenantOf } from '../tenant-of.ts';
import type { FeedEvent } from './event-feed.ts';

/** So many may wait to be looked at; who has more is cut off, and reads the present from the API. */
const MOST_WAITING = 10_000;

export type KeepTo = (write: (text: string) => void, cutOff: () => void) => (event: FeedEvent) => void;

/** Lets through the events of entities that are reached, in their order. A stream of which that cannot be told ends: an event would be missing. */
export const reachedEvents =
  (kv: Pick<Kv, 'get' | 'list'>, reach: Reach): KeepTo =>
  (write, cutOff) => {
    if (reach === 'all') return ({ text }) => write(text);
    let last = Promise.resolve();
    let waiting = 0;
    return ({ text, entity }) => {
      waiting += 1;
      if (waiting > MOST_WAITING) return cutOff();
      last = last.then(async () => {
        if (isReached(reach, await tenantOf(kv, entity))) write(text);
        waiting -= 1;
      });
      last.catch(cutOff);
    };
  };
