import { horizonOf } from '../converge/index.ts';
import type { Conditions } from './conditions.ts';
import { OwnConnectionLost, type ApplierPort } from './port.ts';

/** Work on what lies in the own database that is done now and then. */
export interface Rounds {
  /** Watches tables that were made where event triggers are off. */
  watch(): Promise<void>;
  /** Gives local tombstones their versions, long before Postgres forgets them; says of how many it had forgotten. */
  settle(): Promise<number>;
  /** Forgets tombstones that are older than everything that can still arrive; in microseconds since 1970. */
  forget(horizon: number): Promise<void>;
}

/**
 * One round. A peer of which nothing has arrived since the applier was opened keeps everything. What fails is said, and tried again the
 * next time. Throws `OwnConnectionLost`.
 */
export async function doRound(rounds: Rounds, applier: ApplierPort, peers: readonly number[], conditions: Conditions) {
  const horizon = horizonOf(peers, (peer) => applier.appliedOf(peer).lastCommitTime);
  try {
    await rounds.watch();
    const lost = await rounds.settle();
    if (lost > 0)
      conditions.set('versions_forgotten', `the times of ${String(lost)} deletes are forgotten; compare the nodes`);
    if (Number.isFinite(horizon)) await rounds.forget(horizon);
    conditions.clear(undefined, 'round_failed');
  } catch (err) {
    if (err instanceof OwnConnectionLost) throw err;
    conditions.set('round_failed', err instanceof Error ? err.message : String(err));
  }
}
