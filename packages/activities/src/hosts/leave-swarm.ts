import { DomainError } from '@windlass/resources/errors';
import type { ActivityDeps } from '../core/deps.ts';
import { currentRun } from '../core/current-run.ts';
import { appendHostTaskLog, type HostTask } from '../core/task-log.ts';

export interface LeaveSwarmInput extends HostTask {
  readonly nodeId: string;
}

/** Takes the host's node out of the swarm. A swarm that refuses does not keep the host: the log says so. */
export function leaveSwarm({ kv, clients }: Pick<ActivityDeps, 'kv' | 'clients'>) {
  return async function leaveSwarm(input: LeaveSwarmInput): Promise<void> {
    try {
      await clients.docker.removeNode(input.nodeId, currentRun().signal);
      await appendHostTaskLog(kv, input, 'took its node out of the swarm', { node_id: input.nodeId });
    } catch (err) {
      if (!(err instanceof DomainError)) throw err;
      const error = err.message;
      await appendHostTaskLog(kv, input, 'its node is still in the swarm: remove it with docker node rm', { error });
    }
  };
}
