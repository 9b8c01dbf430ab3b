import type { Run } from '@windlass/resources/engine';
import { toFailure } from '@windlass/resources/errors';
import { withHeartbeat } from './current-run.ts';
import type { ActivityDeps } from './deps.ts';
import { appendTaskLog } from './task-log.ts';

export interface OwnedInput {
  readonly databaseId: string;
  readonly taskId: string;
}

/**
 * Runs `work` with heartbeats if the task still owns its database: one that was taken over from must not act any more. What it
 * waits for is told in the log of the task, or of the part of it in `log`, when it says so.
 */
export async function own<T>(
  { state, kv }: ActivityDeps,
  { databaseId, taskId }: OwnedInput,
  work: (run: Run) => Promise<T>,
  log: OwnedInput = { databaseId, taskId },
): Promise<T> {
  const tell = async (note: string): Promise<void> => {
    if (note !== '') await appendTaskLog(kv, log, `not done yet: ${note}`);
  };
  try {
    await state.acquire({ kind: 'database', id: databaseId }, taskId);
    return await withHeartbeat(work, tell);
  } catch (err) {
    throw toFailure(err);
  }
}
