import type { Desired } from '@windlass/resources/engine';
import type { WorkDeps } from '../core/entity-work.ts';

/** Of every rolling group the member whose turn comes last: the primary, as Patroni knows it. */
export async function primariesOf({ clients }: WorkDeps, desired: readonly Desired[]): Promise<Map<string, string>> {
  const groups = [...new Set(desired.flatMap((d) => (d.rolling ? [d.rolling.group] : [])))];
  const found = await Promise.all(groups.map(async (group) => [group, await clients.dcs.leader(group)] as const));
  return new Map(found.flatMap(([group, leader]) => (leader === undefined ? [] : [[group, leader]])));
}
