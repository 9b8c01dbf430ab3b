import type { Index, PlanInput } from './plan-input.ts';
import { refKey, type Desired } from './resource.ts';
import type { ResourceRecord } from './records.ts';

/** For every resource of a rolling group the resources of the members before its own. */
export function rollingOrder(
  desired: readonly Desired[],
  inCharge: (group: string) => string | undefined,
  leads: (group: string) => boolean,
): Map<string, string[]> {
  const groups = new Map<string, Map<string, string[]>>();
  for (const { rolling, ref } of desired) {
    if (!rolling) continue;
    const members = groups.get(rolling.group) ?? new Map<string, string[]>();
    members.set(rolling.member, [...(members.get(rolling.member) ?? []), refKey(ref)]);
    groups.set(rolling.group, members);
  }
  const before = new Map<string, string[]>();
  for (const [group, members] of groups) {
    const chief = inCharge(group);
    const rank = (member: string): number => (member !== chief ? 0 : leads(group) ? -1 : 1);
    const order = [...members.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    const earlier: string[] = [];
    for (const member of order) {
      const own = members.get(member) ?? [];
      for (const key of own) before.set(key, [...earlier]);
      earlier.push(...own);
    }
  }
  return before;
}

/** Groups in which a change has to begin with the member in charge. */
export function ledGroups({ desired, kindFacts }: PlanInput, records: Index<ResourceRecord>): Set<string> {
  const led = desired.filter((wanted) => {
    const record = wanted.rolling && records.get(refKey(wanted.ref));
    return record !== undefined && kindFacts(wanted.ref.kind).leads?.(record.spec, wanted.spec);
  });
  return new Set(led.flatMap((d) => (d.rolling ? [d.rolling.group] : [])));
}
