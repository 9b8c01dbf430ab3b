import { hardeningNotes, othersNotes, outageNotes, unseenNotes } from '@windlass/resources/postgres/compose';
import type { Planned, PlanNotes } from '../core/entity-work.ts';

/** How writers are interrupted, what is done to what others made, and what could not be looked at. */
export function databaseNotes({ steps, desired, looked, inCharge }: Planned): PlanNotes {
  const unseen = unseenNotes(steps, desired, looked);
  const outages = outageNotes(steps, desired, inCharge);
  const others = othersNotes(steps, desired, looked, inCharge);
  return { notes: [...outages, ...hardeningNotes(steps, desired), ...others, ...unseen], told: unseen };
}
