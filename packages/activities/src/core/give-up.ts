import { refKey, type Desired, type Ref, type Step } from '@windlass/resources/engine';
import type { ResourceRecord } from '@windlass/resources/records';

export interface GivenUp {
  /** What still waits for a host that may come back. */
  readonly later: readonly Step[];
  /** Resources nobody waits for any more: they are on hosts that are gone, and nobody wants them. */
  readonly givenUp: readonly Ref[];
}

/** Takes what is only to be removed from hosts that are gone out of what waits for a host. */
export function giveUp(
  later: readonly Step[],
  current: readonly ResourceRecord[],
  desired: readonly Desired[],
  goneHosts: readonly string[],
): GivenUp {
  const wanted = new Set(desired.map(({ ref }) => refKey(ref)));
  const onGone = ({ executor }: Pick<Step, 'executor'>): boolean =>
    executor.on === 'host' && goneHosts.includes(executor.hostId);
  return {
    later: later.filter((step) => !(onGone(step) && step.action === 'delete')),
    givenUp: current.filter((record) => onGone(record) && !wanted.has(refKey(record.ref))).map(({ ref }) => ref),
  };
}
