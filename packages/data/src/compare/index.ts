export type { AppliedBy, From } from './authority.ts';
export { compare, type CompareOptions } from './compare.ts';
export { markerOf } from './marker.ts';
export type { ComparedNode } from './node-session.ts';
export { repair, type RepairOptions, type RepairReport } from './repair.ts';
export type { Written } from './repair-writes.ts';
export { linesOf } from './report.ts';
export type * from './report.ts';
export { COMPARE_LIMITS, type CompareLimits } from './run.ts';
