import { databaseSpecs } from '@windlass/resources/postgres/records';
import type { ActivityDeps } from '../../core/deps.ts';
import { findNode } from '../find-node.ts';

export interface RestoreSourceFacts {
  readonly instanceId: string;
  /** The queue of its host. */
  readonly queue: string;
}

/** The primaries of this cluster from whose backups the nodes of a database are made. */
export function restoreSources(deps: ActivityDeps) {
  return async function restoreSources({ databaseId }: { readonly databaseId: string }): Promise<RestoreSourceFacts[]> {
    const stored = (await databaseSpecs.get(deps.kv, databaseId))?.value;
    const found = new Map<string, RestoreSourceFacts>();
    for (const { source } of Object.values(stored?.restoreOrigins ?? {})) {
      const { leader, members } = await findNode(deps)({ databaseId: source.databaseId, nodeName: source.nodeName });
      const member = members.find((m) => m.instanceId === leader);
      if (member) found.set(member.instanceId, { instanceId: member.instanceId, queue: member.queue });
    }
    return [...found.values()];
  };
}
