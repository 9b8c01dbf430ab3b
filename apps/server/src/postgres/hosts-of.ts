import { instanceStatuses } from '@windlass/resources/postgres/records';
import type { StoredSpec } from '@windlass/resources/postgres/spec';
import type { Kv } from '@windlass/resources/store';

/** Ids of the hosts a database is to be on, and of those that still carry an instance of it; sorted. */
export async function hostsOf(kv: Kv, databaseId: string, stored: StoredSpec | undefined): Promise<string[]> {
  const wanted = stored?.spec.nodes.flatMap((node) => node.host_ids) ?? [];
  const carrying = (await instanceStatuses.list(kv, [databaseId])).map(({ value }) => value.hostId);
  return [...new Set([...wanted, ...carrying])].sort();
}
