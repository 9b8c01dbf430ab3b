import { repairOf, type Had, type HasApplied } from '../converge/index.ts';
import type { NodeValue } from './report.ts';

/** Who is right about a key: a node by its number, or whoever has the newest. */
export type From = number | 'newest';

/** Whether a node has applied what has this version (`hasApplied` of its progress). */
export type AppliedBy = (node: number) => HasApplied;

/** What a node has of a key, as the rules of repair want to know it; undefined: neither a row nor a tombstone. */
function had({ hash, version }: NodeValue): Had | undefined {
  if (hash === null) return version ? { version, row: null } : undefined;
  return { version: version ?? null, row: {} };
}

/** What is right: of a named node what that has; else the newest, where nothing is newer when it had been there and was deleted. */
export function authorityOf(values: readonly NodeValue[], from: From, applied: AppliedBy): NodeValue | undefined {
  if (from !== 'newest') return values.find(({ node }) => node === from);
  return values.reduce((best, one) => {
    const what = repairOf(had(best), had(one), { here: applied(best.node), there: applied(one.node) });
    return what === 'keep' ? best : one;
  });
}

/** Commit time of the newest any node has of a key, in microseconds; 0 when nobody knows. */
export const newestTime = (values: readonly NodeValue[]): number =>
  Math.max(0, ...values.map(({ version }) => version?.time ?? 0));
