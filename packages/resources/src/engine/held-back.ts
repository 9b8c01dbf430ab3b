import { refKey, type Ref } from './resource.ts';
import type { ResourceRecord } from './records.ts';

type Doomed = Pick<ResourceRecord, 'ref' | 'within' | 'dependsOn'>;

/**
 * Keys of those that cannot be deleted as long as nothing within these holders can be: what lies there, and whatever has to be
 * deleted after it. `all` are to be deleted; what lies within one of them goes, or stays, with it.
 */
export function heldBack(all: readonly Doomed[], isHolder: (ref: Ref) => boolean): ReadonlySet<string> {
  const doomed = new Map<string, Doomed>(all.map((one) => [refKey(one.ref), one]));
  const contents = new Map<string, string[]>();
  for (const { ref, within } of all)
    if (within) contents.set(refKey(within), [...(contents.get(refKey(within)) ?? []), refKey(ref)]);
  const stays = ({ within }: Doomed): boolean =>
    within !== undefined && !doomed.has(refKey(within)) && isHolder(within);
  const open = all.filter(stays).map(({ ref }) => refKey(ref) as string);
  const held = new Set<string>();
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const one = doomed.get(key);
    if (!one || held.has(key)) continue;
    held.add(key);
    open.push(...one.dependsOn.map((d) => refKey(d.ref)), ...(contents.get(key) ?? []));
    if (one.within) open.push(refKey(one.within));
  }
  return held;
}
