import { LeafBook } from '@windlass/resources/platform/leaves';
import type { ClusterJoinToken } from '@windlass/resources/platform/api';
import { LateDeps } from '../late-deps.ts';
import { UnreadableRecords } from '../core/unreadable-records.ts';

/** A server without a cluster that remembers with what it was told to join. */
export function lateFixture(): LateDeps & { readonly joins: ClusterJoinToken[] } {
  const joins: ClusterJoinToken[] = [];
  const join = (token: ClusterJoinToken) => Promise.resolve(void joins.push(token));
  const late = new LateDeps(
    'cluster_not_initialized',
    { unreadable: new UnreadableRecords(() => undefined), leaves: new LeafBook() },
    join,
  );
  return Object.assign(late, { joins });
}
