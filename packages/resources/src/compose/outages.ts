import type { Desired } from '../engine/resource.ts';
import { refKey } from '../engine/resource.ts';
import type { Step } from '../engine/plan-types.ts';

/** How writers of each node are interrupted by a plan, in sentences. `primaries` says who is the primary of each group. */
export function outageNotes(
  steps: readonly Step[],
  desired: readonly Desired[],
  primaries: ReadonlyMap<string, string>,
): string[] {
  const interrupted = new Set(steps.filter((step) => step.interrupts).map((step) => refKey(step.ref)));
  return [...primaries].flatMap(([group, primary]) => {
    const rolling = desired.filter((d) => d.rolling?.group === group);
    const members = new Set(rolling.map((d) => d.rolling?.member));
    const hit = rolling.filter((d) => interrupted.has(refKey(d.ref))).map((d) => d.rolling?.member);
    if (hit.length === 0) return [];
    if (!hit.includes(primary)) return [`writers of '${group}' notice nothing: only replicas are interrupted`];
    return members.size > 1
      ? [`writers of '${group}' see 1 outage, of about a second: replicas first, then the primary hands over`]
      : [`writers of '${group}' see 1 outage, of a few seconds: it has no replica that could take over`];
  });
}
