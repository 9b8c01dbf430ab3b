import type { EntityRef } from '@windlass/resources/engine';
import type { ActivityDeps } from './deps.ts';
import { hostQueue, queuesOf } from './placement.ts';

/** The queues to ask about an entity: of what is stored, and of the hosts of a proposal. */
export function listQueues(deps: ActivityDeps) {
  const { kv, state } = deps;
  return async function listQueues(input: { readonly entity: EntityRef; readonly proposalId?: string }) {
    const { entity, proposalId } = input;
    const refresh = await queuesOf(deps, entity, await state.list(entity));
    const hosts = proposalId === undefined ? [] : await deps.work(entity.kind).proposedHosts?.(kv, proposalId);
    return { refreshQueues: [...new Set(refresh)].sort(), hostQueues: (hosts ?? []).map(hostQueue) };
  };
}
