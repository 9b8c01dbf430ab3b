import type { StoredSpec } from '@windlass/resources/spec';
import { keys, type InstanceStatus, type Kv } from '@windlass/resources/store';

/** Ids of the hosts a database is to be on, and of those that still carry an instance of it; sorted. */
export async function hostsOf(kv: Kv, databaseId: string, stored: StoredSpec | undefined): Promise<string[]> {
  const wanted = stored?.spec.nodes.flatMap((node) => node.host_ids) ?? [];
  const statuses = await kv.list(keys.instanceStatuses(databaseId));
  const carrying = statuses.map((row) => (row.value as InstanceStatus).hostId);
  return [...new Set([...wanted, ...carrying])].sort();
}
