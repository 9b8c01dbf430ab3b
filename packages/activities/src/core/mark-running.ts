import { begin, taskOf } from '@windlass/resources/tasks';
import type { ActivityDeps } from './deps.ts';
import type { OwnedInput } from './own.ts';

/** Marks a task that owns its entity as running and clears it from the outbox. `stale_task` when it owns it no more. */
export async function markRunning(
  { kv, state }: Pick<ActivityDeps, 'kv' | 'state'>,
  { entity, taskId }: OwnedInput,
): Promise<void> {
  await state.acquire(entity, taskId);
  await begin(kv, taskOf(entity, taskId));
}
