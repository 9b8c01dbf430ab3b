import type { EntityRef, Run } from '@windlass/resources/engine';
import { withHeartbeat } from './current-run.ts';
import type { ActivityDeps } from './deps.ts';
import { appendTaskLog } from './task-log.ts';

/** A task of an entity, as activities are told of it. */
export interface OwnedInput {
  readonly entity: EntityRef;
  readonly taskId: string;
}

/**
 * Runs `work` with heartbeats if the task still owns its entity: one that was taken over from must not act any more. What it
 * waits for is told in the log of the task, or of the part of it in `log`, when it says so.
 */
export async function own<T>(
  { state, kv }: ActivityDeps,
  { entity, taskId }: OwnedInput,
  work: (run: Run) => Promise<T>,
  log: OwnedInput = { entity, taskId },
): Promise<T> {
  const tell = async (note: string): Promise<void> => {
    if (note !== '') await appendTaskLog(kv, log, `not done yet: ${note}`);
  };
  await state.acquire(entity, taskId);
  return await withHeartbeat(work, tell);
}
