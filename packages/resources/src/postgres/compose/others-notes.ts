import type { Finding, Step } from '../../engine/plan-types.ts';
import { isPaused } from '../../engine/paused.ts';
import { refKey, type Desired } from '../../engine/resource.ts';
import { members } from '../kinds/members.ts';

/** What a plan does to things that nobody declared, in sentences. */
export function othersNotes(
  steps: readonly Step[],
  desired: readonly Desired[],
  findings: readonly Finding[],
  primaries: ReadonlyMap<string, string>,
): string[] {
  const changed = keysOf(steps);
  const moving = new Set(
    [...primaries].flatMap(([group, primary]) => (moves(group, primary, steps, desired) ? [group] : [])),
  );
  return findings.flatMap(({ ref, notes = [] }) => {
    const concerned = ref.kind === members.kind ? moving.has(ref.id) : changed.has(refKey(ref));
    return concerned ? [...notes] : [];
  });
}

/**
 * What could not be looked at and so gets no step, in sentences: it must not be taken for "as it should be". `looked` are findings
 * of hosts that answered.
 */
export function unseenNotes(steps: readonly Step[], desired: readonly Desired[], looked: readonly Finding[]): string[] {
  const changed = keysOf(steps);
  const all = new Map<string, Desired>(desired.map((d) => [refKey(d.ref), d]));
  const awaited = keysOf(desired.filter((d) => !isPaused(d, all)));
  return looked.flatMap(({ ref, unreachable }) =>
    unreachable === undefined || changed.has(refKey(ref)) || !awaited.has(refKey(ref))
      ? []
      : [`${refKey(ref)} could not be looked at: ${unreachable}`],
  );
}

const keysOf = (all: readonly Pick<Desired, 'ref'>[]): Set<string> => new Set(all.map(({ ref }) => refKey(ref)));

/** Another member becomes the primary: the primary is interrupted and is not alone, or it leaves. */
function moves(group: string, primary: string, steps: readonly Step[], desired: readonly Desired[]): boolean {
  const all = desired.flatMap((d) => (d.rolling?.group === group ? [d] : []));
  const names = new Set(all.map((d) => d.rolling?.member));
  if (names.size > 0 && !names.has(primary)) return true;
  const own = new Set(all.filter((d) => d.rolling?.member === primary).map((d) => refKey(d.ref)));
  return names.size > 1 && steps.some((step) => step.interrupts && own.has(refKey(step.ref)));
}
