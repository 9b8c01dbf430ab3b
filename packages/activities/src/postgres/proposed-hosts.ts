import { proposals } from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';

/** Every host that a proposed database would be on. */
export async function proposedHosts(kv: Kv, proposalId: string): Promise<string[]> {
  const proposal = await proposals.get(kv, proposalId);
  return [...new Set(proposal?.value.spec.nodes.flatMap((node) => node.host_ids))].sort();
}
