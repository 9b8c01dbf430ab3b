import { othersSlots, slotName, type OthersSlot } from '../inside/others-slots.ts';
import { isPeerSlot } from '../spec/index.ts';
import type { Check, Finding, Watched } from './check.ts';

const GIB = 1024 ** 3;
/** A slot that nobody reads and that holds this much fills the disk, or is taken away at `max_slot_wal_keep_size`. */
const MUCH_BYTES = GIB;

/** Slots that people made: those that hold much WAL, and those that are of no use any more. */
export const slots: Check = {
  name: 'slots',
  roles: ['writable', 'streaming', 'standby'],
  look: async (at) => {
    const found = await at.ask((session) => othersSlots(session, at.scope));
    return found.flatMap((slot) => whatIsWrong(slot, at) ?? []);
  },
};

function whatIsWrong(slot: OthersSlot, at: Watched): Finding | undefined {
  const called = slotName(slot);
  const where = `at '${at.instanceId}'`;
  const isOurs = isPeerSlot(slot.name);
  if (slot.walStatus === 'lost' && isOurs)
    return {
      type: 'slot_lost',
      message: `${called} ${where} has lost WAL its node needs: that node has to be made anew`,
    };
  if (slot.walStatus === 'lost')
    return { type: 'slot_lost', message: `${called} ${where} has lost WAL its reader needs: drop it and begin anew` };
  if (at.role !== 'writable' && isOurs) return undefined; // a copy, or about to be dropped
  if (at.role !== 'writable' && !slot.active && !slot.synced)
    return {
      type: 'slot_left_behind',
      message: `${called} ${where}, a replica, is read by nobody: if it stayed there when the primary changed, its reader has to begin anew at the primary; drop it`,
    };
  if (slot.walStatus === 'unreserved')
    return { type: 'slot_holds_wal', message: `${called} ${where} loses its WAL at the next checkpoint: have it read` };
  const much = stepOf(slot.heldBytes);
  if (much === 0) return undefined;
  const reader = slot.active ? 'its reader is far behind' : 'nobody reads it';
  return {
    type: 'slot_holds_wal',
    message: `${called} ${where} holds more than ${String(much)} GiB of WAL: ${reader}`,
  };
}

/** Powers of two, so that the message changes seldom. */
function stepOf(bytes: number): number {
  let step = 0;
  for (let next = MUCH_BYTES; next <= bytes; next *= 2) step = next / GIB;
  return step;
}
