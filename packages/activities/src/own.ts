import type { Run } from '@windlass/resources/engine';
import { toFailure } from '@windlass/resources/errors';
import { withHeartbeat } from './current-run.ts';
import type { ActivityDeps } from './deps.ts';

export interface OwnedInput {
  readonly databaseId: string;
  readonly taskId: string;
}

/** Runs `work` with heartbeats if the task still owns its database: one that was taken over from must not act any more. */
export async function own<T>(
  { state }: ActivityDeps,
  { databaseId, taskId }: OwnedInput,
  work: (run: Run) => Promise<T>,
): Promise<T> {
  try {
    await state.acquire(databaseId, taskId);
    return await withHeartbeat(work);
  } catch (err) {
    throw toFailure(err);
  }
}
