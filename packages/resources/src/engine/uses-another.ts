import type { Step } from './plan-types.ts';
import { refKey, type Dependency } from './resource.ts';

/**
 * Whether something of these kinds that is used becomes another one by the plan, and is not only done again. `stale`: it was
 * changed in an earlier task, of which nobody knows any more what it changed.
 */
export function usesAnother(
  used: readonly Dependency[],
  kinds: readonly string[],
  changed: ReadonlyMap<string, Pick<Step, 'reason' | 'fields'>>,
  stale: boolean,
): boolean {
  return used.some(({ ref }) => {
    const change = changed.get(refKey(ref));
    const another = stale || change?.reason === 'missing' || (change?.fields.length ?? 0) > 0;
    return another && kinds.includes(ref.kind);
  });
}
