import { DomainError } from '@windlass/resources/errors';
import { swapRecords, type SwapRecord } from '@windlass/resources/postgres/records';
import { begin, taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from '../../core/deps.ts';
import { findNode, type NodeFacts } from '../find-node.ts';
import type { DatabaseTask } from '../database-task.ts';
import { hostOf } from '../../core/placement.ts';

export interface LocateInput extends DatabaseTask {
  readonly nodeName: string;
  readonly nodeTaskId: string;
  readonly undo?: boolean;
}

export interface RestoreSite extends NodeFacts {
  /** The instance whose data is changed: the primary, or who is to be it. */
  readonly instanceId: string;
  readonly queue: string;
  /** The task whose restore is undone. */
  readonly undoes?: string;
}

/** Where the work on a node is done; its task begins. */
export function locateRestore(deps: ActivityDeps) {
  const { kv } = deps;
  return async function locateRestore(input: LocateInput): Promise<RestoreSite> {
    const node = await findNode(deps)(input);
    const kept = input.undo ? await keptSwap(deps, input) : undefined;
    const instanceId = kept?.instanceId ?? node.leader ?? node.members.find((m) => !m.stopped)?.instanceId;
    const member = node.members.find((m) => m.instanceId === instanceId);
    if (!member)
      throw new DomainError('operation_refused', `node '${input.nodeName}' has no instance that could be restored`);
    const { queue } = member;
    const noted = { instanceId: member.instanceId, hostId: hostOf(queue) };
    await begin(kv, taskOf(input.entity, input.nodeTaskId), { noted });
    return { ...node, instanceId: member.instanceId, queue, ...(kept && { undoes: kept.taskId }) };
  };
}

/** The change that the request marked to be undone, which is kept for this task from then on. */
async function keptSwap({ kv }: ActivityDeps, { databaseId, nodeName }: LocateInput): Promise<SwapRecord> {
  const swaps = (await swapRecords.list(kv, [databaseId, nodeName])).map((row) => row.value);
  const found = swaps.filter((s) => s.data === 'kept').at(-1);
  if (found) return found;
  throw new DomainError('operation_refused', `node '${nodeName}' has nothing that could be put back`);
}
