import type { Desired } from '../../engine/resource.ts';
import { refKey } from '../../engine/resource.ts';
import type { Step } from '../../engine/plan-types.ts';

/** How writers of each node are interrupted by a plan, in sentences. `primaries` says who is the primary of each group. */
export function outageNotes(
  steps: readonly Step[],
  desired: readonly Desired[],
  primaries: ReadonlyMap<string, string>,
): string[] {
  const interrupted = steps.filter((step) => step.interrupts).map((step) => refKey(step.ref));
  return [...primaries].flatMap(([group, primary]) => {
    const member = new Map<string, string>(
      desired.flatMap((d) => (d.rolling?.group === group ? [[refKey(d.ref), d.rolling.member] as const] : [])),
    );
    if (member.size === 0)
      return desired.some((d) => d.rolling)
        ? [`writers of '${group}' have to go to another node: this one is removed`]
        : [];
    if (![...member.values()].includes(primary))
      return [`writers of '${group}' see 1 outage, of about a second: the primary leaves, and hands over before`];
    const hit = interrupted.flatMap((key) => member.get(key) ?? []);
    if (hit.length === 0) return [];
    if (!hit.includes(primary)) return [`writers of '${group}' notice nothing: only replicas are interrupted`];
    if (new Set(member.values()).size === 1)
      return [`writers of '${group}' see 1 outage, of a few seconds: it has no replica that could take over`];
    return hit[0] === primary && hit.length > 1
      ? [`writers of '${group}' see 1 outage, of a few seconds: a limit is lowered, and the primary has to go first`]
      : [`writers of '${group}' see 1 outage, of about a second: replicas first, then the primary hands over`];
  });
}
