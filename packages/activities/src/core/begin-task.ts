import { toFailure } from '@windlass/resources/errors';
import type { ActivityDeps } from './deps.ts';
import { markRunning } from './mark-running.ts';
import type { OwnedInput } from './own.ts';
import { placementOf } from './placement.ts';
import { appendTaskLog } from './task-log.ts';

export type BeginTaskInput = OwnedInput;

/** Marks the task as running, clears it from the outbox and says on which queues there is something to refresh. */
export function beginTask(deps: ActivityDeps) {
  const { kv, state } = deps;
  return async function beginTask(input: BeginTaskInput): Promise<{ refreshQueues: string[] }> {
    const { entity } = input;
    await markRunning(deps, input).catch((err: unknown) => {
      throw toFailure(err);
    });
    const records = await state.list(entity);
    const queueOf = placementOf(deps, entity);
    const queues = await Promise.all(records.map((r) => queueOf(r.executor)));
    if (queues.length > 0) await appendTaskLog(kv, input, 'refreshing current state');
    return { refreshQueues: [...new Set(queues)].sort() };
  };
}
