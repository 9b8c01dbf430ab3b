import { toFailure } from '@windlass/resources/errors';
import type { ActivityDeps } from './deps.ts';
import { markRunning } from './mark-running.ts';
import { placementOf } from './placement.ts';
import { appendTaskLog } from './task-log.ts';

export interface BeginTaskInput {
  readonly databaseId: string;
  readonly taskId: string;
}

/** Marks the task as running, clears it from the outbox and says on which queues there is something to refresh. */
export function beginTask(deps: ActivityDeps) {
  const { kv, state } = deps;
  return async function beginTask({ databaseId, taskId }: BeginTaskInput): Promise<{ refreshQueues: string[] }> {
    await markRunning(kv, databaseId, taskId).catch((err: unknown) => {
      throw toFailure(err);
    });
    const records = await state.list({ kind: 'database', id: databaseId });
    const queueOf = placementOf(deps, databaseId);
    const queues = await Promise.all(records.map((r) => queueOf(r.executor)));
    if (queues.length > 0) await appendTaskLog(kv, { databaseId, taskId }, 'refreshing current state');
    return { refreshQueues: [...new Set(queues)].sort() };
  };
}
