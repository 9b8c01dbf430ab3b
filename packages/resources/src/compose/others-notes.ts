import type { Finding, Step } from '../engine/plan-types.ts';
import { refKey, type Desired } from '../engine/resource.ts';
import { members } from '../kinds/members.ts';

/**
 * What a plan does to things that nobody declared, and what could not be looked at, in sentences: neither may be taken for
 * "as it should be". `looked` are findings of hosts that answered.
 */
export function othersNotes(
  steps: readonly Step[],
  desired: readonly Desired[],
  looked: readonly Finding[],
  primaries: ReadonlyMap<string, string>,
): string[] {
  const changed = new Set(steps.map((step) => refKey(step.ref) as string));
  const awaited = new Set(desired.flatMap((d) => (d.paused ? [] : [refKey(d.ref) as string])));
  const moving = new Set(
    [...primaries].flatMap(([group, primary]) => (moves(group, primary, steps, desired) ? [group] : [])),
  );
  return looked.flatMap(({ ref, notes = [], unreachable }) => {
    if (unreachable !== undefined)
      return changed.has(refKey(ref)) || !awaited.has(refKey(ref))
        ? []
        : [`${refKey(ref)} could not be looked at: ${unreachable}`];
    const concerned = ref.kind === members.kind ? moving.has(ref.id) : changed.has(refKey(ref));
    return concerned ? [...notes] : [];
  });
}

/** Another member becomes the primary: the primary is interrupted and is not alone, or it leaves. */
function moves(group: string, primary: string, steps: readonly Step[], desired: readonly Desired[]): boolean {
  const all = desired.flatMap((d) => (d.rolling?.group === group ? [d] : []));
  const names = new Set(all.map((d) => d.rolling?.member));
  if (names.size > 0 && !names.has(primary)) return true;
  const own = new Set(all.filter((d) => d.rolling?.member === primary).map((d) => refKey(d.ref)));
  return names.size > 1 && steps.some((step) => step.interrupts && own.has(refKey(step.ref)));
}
