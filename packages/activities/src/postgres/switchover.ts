import {
  prepareSwitchover as prepare,
  switchOver as change,
  type Handover,
  type SwitchoverWish,
} from '@windlass/resources/postgres/operations';
import type { ActivityDeps } from '../core/deps.ts';
import { own } from '../core/own.ts';
import type { DatabaseTask } from './database-task.ts';
import { appendTaskLog, formatDuration } from '../core/task-log.ts';

/** Chooses the successor and checkpoints the primary, on the primary's host. */
export function prepareSwitchover(deps: ActivityDeps) {
  return async function prepareSwitchover(input: DatabaseTask & SwitchoverWish): Promise<{ candidate: string }> {
    const { candidate, lagBytes, checkpointMs, behind } = await own(deps, input, (run) =>
      prepare(deps.clients, input, run),
    );
    const took = formatDuration(checkpointMs);
    await appendTaskLog(
      deps.kv,
      input,
      `chose '${candidate}', ${String(lagBytes)} bytes behind; '${input.leader}' checkpointed (took ${took})`,
      { candidate, lag_bytes: lagBytes, duration_ms: checkpointMs },
    );
    for (const sentence of behind) await appendTaskLog(deps.kv, input, sentence);
    return { candidate };
  };
}

/** Has the primary hand over, on the primary's host; ends as soon as the candidate has the leader's lock. */
export function switchOver(deps: ActivityDeps) {
  return async function switchOver(input: DatabaseTask & Handover): Promise<void> {
    const begun = performance.now();
    await own(deps, input, (run) => change(deps.clients, input, run));
    const ms = Math.round(performance.now() - begun);
    const { leader: from, candidate: to } = input;
    const message = `'${to}' took over from '${from}' (took ${formatDuration(ms)})`;
    await appendTaskLog(deps.kv, input, message, { from, to, duration_ms: ms });
  };
}
