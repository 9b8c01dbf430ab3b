import { restartPostgres as restart, startedAt, type Restart } from '@windlass/resources/postgres/operations';
import type { ActivityDeps } from '../core/deps.ts';
import { own } from '../core/own.ts';
import type { DatabaseTask } from './database-task.ts';
import { appendTaskLog, formatDuration } from '../core/task-log.ts';

/** When Postgres of an instance was started; what a repeated restart is told apart by. */
export function noteStart(deps: ActivityDeps) {
  return (input: DatabaseTask & { readonly instanceId: string }): Promise<string> =>
    own(deps, input, () => startedAt(deps.clients, input.instanceId));
}

/** Restarts Postgres of an instance on this host and waits until it does its part again. */
export function restartPostgres(deps: ActivityDeps) {
  return async function restartPostgres(input: DatabaseTask & Restart): Promise<void> {
    const begun = performance.now();
    await own(deps, input, (run) => restart(deps.clients, input, run));
    const ms = Math.round(performance.now() - begun);
    await appendTaskLog(deps.kv, input, `restarted Postgres of '${input.instanceId}' (took ${formatDuration(ms)})`, {
      instance_id: input.instanceId,
      duration_ms: ms,
    });
  };
}
