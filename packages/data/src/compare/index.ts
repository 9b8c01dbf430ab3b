export { compare, type CompareOptions } from './compare.ts';
export type { ComparedNode } from './node-session.ts';
export { linesOf } from './report.ts';
export type * from './report.ts';
export { COMPARE_LIMITS, type CompareLimits } from './run.ts';
