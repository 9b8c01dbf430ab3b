import { timeOf, type RestoreTarget } from './restore-target.ts';

/** A change of the data of a node: until `at` it followed one timeline, from then on another. */
export interface TimelineChange {
  /** ISO 8601. */
  readonly at: string;
  /** Absent: nobody knows. */
  readonly fromTimeline?: number;
}

/** The timeline the node was on at the time asked for; undefined: the latest. */
export function timelineAt(target: RestoreTarget, changes: readonly TimelineChange[]): number | undefined {
  if (target.timeline !== undefined) return target.timeline;
  if (target.type !== 'time') return undefined;
  const at = timeOf(target.value ?? '');
  const later = changes.filter((c) => Date.parse(c.at) > at).sort((a, b) => (a.at < b.at ? -1 : 1));
  return later[0]?.fromTimeline;
}
