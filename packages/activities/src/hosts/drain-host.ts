import { databaseEntity, hostEntity } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import { drainRecords, type DrainMove, type DrainRecord } from '@windlass/resources/platform/records';
import { instanceStatuses } from '@windlass/resources/postgres/records';
import type { Kv } from '@windlass/resources/store';
import { begin, endTask, taskOf, type TaskEnd } from '@windlass/resources/tasks';
import { withHeartbeat } from '../core/current-run.ts';
import type { ActivityDeps } from '../core/deps.ts';
import { appendHostTaskLog, type HostTask } from '../core/task-log.ts';
import { untilTaskEnded } from './until-task-ended.ts';

type KvOnly = Pick<ActivityDeps, 'kv'>;

/** Marks the task as running and gives the switchovers to wait for. */
export function beginDrain({ kv }: KvOnly) {
  return async function beginDrain(task: HostTask): Promise<{ readonly moves: readonly DrainMove[] }> {
    const { moves } = await drainOf(kv, task);
    if (await begin(kv, taskOf(hostEntity(task.hostId), task.taskId)))
      await appendHostTaskLog(kv, task, `draining host '${task.hostId}'`, { switchovers: moves.length });
    return { moves };
  };
}

export interface AwaitMoveInput extends HostTask {
  readonly move: DrainMove;
}

/** Waits until one switchover has ended, and says why it did not lead the primary away, if it did not. */
export function awaitMove({ kv }: KvOnly) {
  return async function awaitMove({ move, ...task }: AwaitMoveInput): Promise<{ failed?: string }> {
    const node = `node ${move.nodeName} of database '${move.databaseId}'`;
    const about = taskOf(databaseEntity(move.databaseId), move.taskId);
    const ended = await withHeartbeat(({ signal }) => untilTaskEnded(kv, about, signal));
    if (ended.status === 'completed') {
      await appendHostTaskLog(kv, task, `${node} is led from another host`, { switchover: move.taskId });
      return {};
    }
    const error = ended.error ?? `its switchover is ${ended.status}`;
    await appendHostTaskLog(kv, task, `${node} did not hand over`, { switchover: move.taskId, error });
    return { failed: `${node}: ${error}` };
  };
}

/** How the drain ended. A completed one fails after all when a primary that had moved has come back meanwhile. */
export function endDrain({ kv }: KvOnly) {
  return async function endDrain({ hostId, taskId, ...how }: HostTask & TaskEnd): Promise<void> {
    const end = how.outcome === 'completed' ? await lookOnceMore(kv, { hostId, taskId }) : how;
    await endTask(kv, taskOf(hostEntity(hostId), taskId), () => end);
  };
}

async function lookOnceMore(kv: Kv, task: HostTask): Promise<TaskEnd> {
  const { moves } = await drainOf(kv, task);
  const back: string[] = [];
  for (const { databaseId, instanceId } of moves) {
    const status = (await instanceStatuses.get(kv, databaseId, instanceId))?.value;
    if (status?.writable === true) back.push(`'${instanceId}'`);
  }
  if (back.length === 0) return { outcome: 'completed' };
  return {
    outcome: 'failed',
    error: `primary again, after they had handed over: ${back.join(', ')}; drain the host again`,
  };
}

/** The record of this drain; `stale_task` when another one, or none, is going on. */
async function drainOf(kv: Kv, { hostId, taskId }: HostTask): Promise<DrainRecord> {
  const found = (await drainRecords.get(kv, hostId))?.value;
  if (found?.taskId !== taskId)
    throw new DomainError('stale_task', `task '${taskId}' no longer drains host '${hostId}'`);
  return found;
}
