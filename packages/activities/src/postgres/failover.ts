import {
  failOver as takeOver,
  prepareFailover as prepare,
  primaryLives,
  staysBehind,
  untilReleased,
  type FailoverWish,
  type Takeover,
} from '@windlass/resources/postgres/operations';
import type { ActivityDeps } from '../core/deps.ts';
import { own } from '../core/own.ts';
import type { DatabaseTask } from './database-task.ts';
import { appendTaskLog, formatDuration } from '../core/task-log.ts';

/** Whether the primary runs, asked on its own host. */
export function checkPrimary({ clients }: ActivityDeps) {
  return async function checkPrimary(input: DatabaseTask & { readonly instanceId: string }): Promise<boolean> {
    return primaryLives(clients, input.instanceId);
  };
}

/** Waits until a primary of whose host nothing is heard has lost its lock; refuses when it renews it. */
export function awaitRelease(deps: ActivityDeps) {
  return async function awaitRelease(input: DatabaseTask & { scope: string; leader: string }): Promise<void> {
    await appendTaskLog(
      deps.kv,
      input,
      `the host of '${input.leader}' did not answer; waited for its lease to run out`,
    );
    await own(deps, input, (run) => untilReleased(deps.clients, input, run));
  };
}

/** Chooses who takes over, on the host of a surviving member. */
export function prepareFailover(deps: ActivityDeps) {
  return async function prepareFailover(input: DatabaseTask & FailoverWish): Promise<{ candidate: string }> {
    const {
      candidate,
      lagBytes,
      slotsMissing = [],
    } = await own(deps, input, (run) => prepare(deps.clients, input, run));
    const lack = lagBytes === undefined ? 'nobody can say what it lacks' : `${String(lagBytes)} bytes behind`;
    await appendTaskLog(deps.kv, input, `chose '${candidate}', ${lack}`, { candidate, lag_bytes: lagBytes });
    for (const slot of slotsMissing)
      await appendTaskLog(deps.kv, input, `'${candidate}' does not have '${slot}': the node that reads from it has to be made anew`); // prettier-ignore
    return { candidate };
  };
}

/** Has the candidate take over, through a surviving member. Returns who is the primary. */
export function failOver(deps: ActivityDeps) {
  return async function failOver(input: DatabaseTask & Takeover): Promise<{ primary: string }> {
    const begun = performance.now();
    const to = await own(deps, input, (run) => takeOver(deps.clients, input, run));
    const ms = Math.round(performance.now() - begun);
    const { leader: from } = input;
    const whom = from === undefined ? '' : ` from '${from}'`;
    const message = `'${to}' took over${whom} (took ${formatDuration(ms)})`;
    await appendTaskLog(deps.kv, input, message, { from, to, duration_ms: ms });
    if (from !== undefined && from !== to) await appendTaskLog(deps.kv, input, staysBehind(from, to));
    return { primary: to };
  };
}
