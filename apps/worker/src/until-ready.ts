import { setTimeout as sleep } from 'node:timers/promises';
import type { Payloads } from '@windlass/resources/platform/payloads';

const AGAIN_MS = 1000;

/**
 * Until this process can read and write what Temporal keeps; on a host without the master key a server has to answer once. What is in the way
 * is told once. Rejects with the signal's reason when that comes first.
 */
export async function untilReady(
  payloads: Pick<Payloads, 'ready'>,
  signal: AbortSignal,
  tell: (err: unknown) => void,
): Promise<void> {
  for (let told = false; ; told = true) {
    signal.throwIfAborted();
    try {
      return await payloads.ready();
    } catch (err) {
      if (!told) tell(err);
    }
    await sleep(AGAIN_MS, undefined, { signal });
  }
}
