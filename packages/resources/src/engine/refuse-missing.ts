import { DomainError } from '../errors/index.ts';
import type { Index } from './plan-input.ts';
import { refKey, type Dependency, type Desired } from './resource.ts';

/** Refuses what depends on a resource of another entity that is not there, with `operation_refused`; of alternatives one is enough. */
export function refuseMissing({ ref, dependsOn }: Desired, foreign: Index<unknown> = new Map()): void {
  const isThere = (one: Dependency): boolean => one.ref.of === undefined || foreign.has(refKey(one.ref));
  const hasOther = ({ anyOf }: Dependency): boolean =>
    anyOf !== undefined && dependsOn.some((one) => one.anyOf === anyOf && isThere(one));
  const missing = dependsOn.filter((one) => !isThere(one) && !hasOther(one)).map((one) => `'${refKey(one.ref)}'`);
  if (missing.length === 0) return;
  const are = missing.length === 1 ? 'is' : 'are';
  throw new DomainError('operation_refused', `'${refKey(ref)}' needs ${missing.join(' and ')}, which ${are} not there`);
}
