import { USABLE } from '../inside/index.ts';
import type { Check, Finding } from './check.ts';

/** A replica that lacks copies of the slots of its primary: taking over, it would cost the other nodes their place in the WAL. */
export const peerSlotCopies: Check = {
  name: 'peer-slot-copies',
  roles: ['streaming'],
  async look({ peerSlots, instanceId, ask }) {
    if (peerSlots.length === 0) return [];
    const usable = await ask((session) => session.query<{ slot_name: string }>(USABLE));
    return lacking(
      instanceId,
      peerSlots.filter((name) => !usable.some((one) => one.slot_name === name)),
    );
  },
  // Slots of a former primary are no copies.
  untilSeen: ({ instanceId, peerSlots }) => lacking(instanceId, peerSlots),
};

function lacking(instanceId: string, missing: readonly string[]): Finding[] {
  if (missing.length === 0) return [];
  const message = `replica '${instanceId}' has no usable copy of ${missing.join(', ')}: until it has (before Postgres 17: ever), the nodes that read from there would have to be made anew if it took over`;
  return [{ type: 'replica_lacks_slots', message }];
}
