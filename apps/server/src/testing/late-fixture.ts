import type { ClusterJoinToken } from '@windlass/resources/spec';
import { LateDeps } from '../late-deps.ts';

/** A server without a cluster that remembers with what it was told to join. */
export function lateFixture(): LateDeps & { readonly joins: ClusterJoinToken[] } {
  const joins: ClusterJoinToken[] = [];
  const late = new LateDeps('cluster_not_initialized', (token) => Promise.resolve(void joins.push(token)));
  return Object.assign(late, { joins });
}
