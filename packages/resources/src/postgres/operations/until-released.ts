import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from '../clients/ports.ts';
import type { Run } from '../../engine/apply.ts';
import { DomainError } from '../../errors/index.ts';

/** Longer than the longest lease (30 s): who still holds the lock then has renewed it. */
const WITHIN_MS = 35_000;
const LOOK_EVERY_MS = 200;

/** Waits until a primary whose host does not answer has lost its lock. One that renews it lives. */
export async function untilReleased(
  { dcs }: Pick<Clients, 'dcs'>,
  { scope, leader }: { readonly scope: string; readonly leader: string },
  { signal, progress }: Run,
): Promise<void> {
  const until = Date.now() + WITHIN_MS;
  progress(`waiting for the lease of '${leader}' to run out`);
  while ((await dcs.leader(scope)) === leader) {
    if (Date.now() > until)
      throw new DomainError(
        'operation_refused',
        `'${leader}' renews its lock: refuse failover unless skip_validation is true`,
      );
    await sleep(LOOK_EVERY_MS, undefined, { signal });
  }
}
