import { setTimeout as delay } from 'node:timers/promises';
import { isReachable, readHost } from '../cluster/hosts.ts';
import type { ServerDeps } from '../core/deps.ts';

const LOOKS = 10;
const BETWEEN_MS = 200;

/**
 * Whether a host is not asked when it is removed, and what it has on disk is given up. A heartbeat that is missing is looked
 * for again for two seconds: a worker that stood still has one anew by then, and must not be given up.
 */
export async function isGone({ kv, now }: Pick<ServerDeps, 'kv' | 'now'>, hostId: string): Promise<boolean> {
  for (let look = 1; look <= LOOKS; look += 1) {
    const seen = await readHost(kv, hostId);
    if (seen === undefined || !isReachable({ ...seen, beats: true }, now())) return true;
    if (isReachable(seen, now())) return false;
    await delay(BETWEEN_MS);
  }
  return true;
}
