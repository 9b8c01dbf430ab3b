import { begin, taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';
import { queuesOf } from './placement.ts';
import { appendTaskLog } from './task-log.ts';

/** Marks the task as running, clears it from the outbox and says on which queues there is something to refresh. */
export function beginTask(deps: ActivityDeps) {
  const { kv, state } = deps;
  return async function beginTask(input: OwnedInput): Promise<{ refreshQueues: string[] }> {
    const { entity, taskId } = input;
    const [records] = await Promise.all([state.list(entity), begin(kv, taskOf(entity, taskId), { owns: true })]);
    const queues = await queuesOf(deps, entity, records);
    if (queues.length > 0) await appendTaskLog(kv, input, 'refreshing current state');
    return { refreshQueues: [...new Set(queues)].sort() };
  };
}
