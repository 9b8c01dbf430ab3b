import { DomainError } from '@windlass/resources/errors';
import { hostEntity } from '@windlass/resources/entity';
import { hostRecords, removalRecords, type RemovalRecord } from '@windlass/resources/platform/records';
import type { Kv } from '@windlass/resources/store';
import { begin, taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from '../core/deps.ts';
import { hostQueue } from '../core/placement.ts';
import { appendHostTaskLog, type HostTask } from '../core/task-log.ts';

const SEEN_WITHIN_MS = 10_000;

/** What there is to do: the updates to wait for, and which manager takes the host's node out of the swarm. */
export interface RemovalBegun {
  readonly updates: RemovalRecord['updates'];
  readonly swarm?: { readonly nodeId: string; readonly queue: string };
}

/** Marks the task as running and says what there is to do. */
export function beginRemoval({ kv }: Pick<ActivityDeps, 'kv'>) {
  return async function beginRemoval(task: HostTask): Promise<RemovalBegun> {
    const removal = await removalOf(kv, task);
    if (await begin(kv, taskOf(hostEntity(task.hostId), task.taskId), { owns: true }))
      await appendHostTaskLog(kv, task, `removing host '${task.hostId}'`);
    const swarm = await swarmOf(kv, task);
    return { updates: removal.updates, ...(swarm && { swarm }) };
  };
}

/** The record of this removal; `stale_task` when another one, or none, is going on. */
export async function removalOf(kv: Kv, { hostId, taskId }: HostTask): Promise<RemovalRecord> {
  const found = (await removalRecords.get(kv, hostId))?.value;
  if (found?.taskId !== taskId)
    throw new DomainError('stale_task', `task '${taskId}' no longer removes host '${hostId}'`);
  return found;
}

/** A node that carries no other host, and a manager elsewhere that answers; else the swarm is left as it is. */
async function swarmOf(kv: Kv, { hostId }: HostTask): Promise<RemovalBegun['swarm']> {
  const hosts = (await hostRecords.list(kv, [])).map(({ value }) => value);
  const nodeId = hosts.find(({ id }) => id === hostId)?.swarmNodeId ?? '';
  const others = hosts.filter(({ id }) => id !== hostId);
  if (nodeId === '' || others.some((host) => host.swarmNodeId === nodeId)) return undefined;
  const since = Date.now() - SEEN_WITHIN_MS;
  const manager = others.find((host) => host.controlAvailable && Date.parse(host.seenAt) > since);
  return manager && { nodeId, queue: hostQueue(manager.id) };
}
