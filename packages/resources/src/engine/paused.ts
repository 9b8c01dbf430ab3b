import { refKey, type Desired, type Ref } from './resource.ts';

/** Whether what lies within it cannot be changed now: it is stopped, or lies within something that is. */
export function isShut(ref: Ref | undefined, desired: ReadonlyMap<string, Desired>): boolean {
  const holder = ref && desired.get(refKey(ref));
  return holder !== undefined && (holder.stopped === true || isShut(holder.within, desired));
}

/** Whether nothing can be done about it now, though it is wanted. */
export const isPaused = (wanted: Desired, desired: ReadonlyMap<string, Desired>): boolean =>
  wanted.paused === true || isShut(wanted.within, desired);
