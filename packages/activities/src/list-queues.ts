import type { ActivityDeps } from './deps.ts';
import { hostQueue, placementOf } from './placement.ts';

/** The queues to ask about a database: of what is stored, and of the hosts of a proposal. */
export function listQueues(deps: ActivityDeps) {
  const { kv, state } = deps;
  return async function listQueues(input: { readonly databaseId: string; readonly proposalId?: string }) {
    const records = await state.list({ kind: 'database', id: input.databaseId });
    const queueOf = placementOf(deps, input.databaseId);
    const refresh = await Promise.all(records.map((r) => queueOf(r.executor)));
    const proposal = input.proposalId === undefined ? undefined : await kv.get(`proposals/${input.proposalId}`);
    const hosts = hostIdsOf(proposal?.value);
    return { refreshQueues: [...new Set(refresh)].sort(), hostQueues: hosts.map(hostQueue) };
  };
}

function hostIdsOf(stored: unknown): string[] {
  const nodes =
    (stored as { spec?: { nodes?: readonly { host_ids: readonly string[] }[] } } | undefined)?.spec?.nodes ?? [];
  return [...new Set(nodes.flatMap((n) => n.host_ids))].sort();
}
