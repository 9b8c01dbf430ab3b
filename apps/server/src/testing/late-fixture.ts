import type { ClusterJoinToken } from '@windlass/resources/spec';
import { LateDeps } from '../late-deps.ts';
import { UnreadableRecords } from '../unreadable-records.ts';

/** A server without a cluster that remembers with what it was told to join. */
export function lateFixture(): LateDeps & { readonly joins: ClusterJoinToken[] } {
  const joins: ClusterJoinToken[] = [];
  const late = new LateDeps((token) => Promise.resolve(void joins.push(token)), new UnreadableRecords(() => undefined));
  return Object.assign(late, { joins });
}
