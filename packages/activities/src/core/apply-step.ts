import { Context } from '@temporalio/activity';
import { applyStep as apply, refKey, type Outcome, type Step } from '@windlass/resources/engine';
import type { ActivityDeps } from './deps.ts';
import { withHeartbeat } from './current-run.ts';
import { failureOf } from './end-unknown-failures.ts';
import type { OwnedInput } from './own.ts';
import { reasonOf, retryNote } from './retries.ts';
import { partFor } from './stored-plan.ts';
import { appendTaskLog, formatDuration } from './task-log.ts';

export interface ApplyStepInput extends OwnedInput {
  readonly step: Step;
}

const VERB = { create: 'creating', update: 'updating', replace: 'replacing', delete: 'deleting' } as const;
/** `creating resource swarm.network::shop` */
export const doing = ({ action, ref }: Pick<Step, 'action' | 'ref'>): string =>
  `${VERB[action]} resource ${refKey(ref)}`;

/** Runs one step of a plan on this host and stores what came of it. Safe to run again: every kind observes first. */
export function applyStep(deps: ActivityDeps) {
  return async function applyStep(input: ApplyStepInput): Promise<{ outcome: Outcome }> {
    const { entity, taskId, step } = input;
    const fields = { resource_type: step.ref.kind, resource_id: step.ref.id, host_id: deps.clients.host.hostId };
    const resource = doing(step);
    const started = performance.now();
    const log = (message: string, more: object = {}) => appendTaskLog(deps.kv, input, message, { ...fields, ...more });
    const begun = log(resource);
    begun.catch(() => undefined); // told when it is awaited; until then nobody listens, and Node ends the process for that
    try {
      const desired = await partFor(deps.kv, input, step);
      const outcome = await withHeartbeat(
        (run) =>
          apply(
            { ...deps, now: () => new Date() },
            { entity, taskId, step, desired },
            { ...run, tell: (sentence) => log(sentence) },
          ),
        (note) => log(`${resource} is not done yet${note === '' ? '' : `: ${note}`}`),
      );
      const ms = performance.now() - started;
      await begun;
      await log(`finished ${resource} (took ${formatDuration(ms)})`, { duration_ms: Math.round(ms), success: true });
      return { outcome };
    } catch (err) {
      const ms = Math.round(performance.now() - started);
      const failure = failureOf(err);
      const error = reasonOf(failure);
      await begun.catch(() => undefined);
      const told = Context.current().cancellationSignal.aborted
        ? log(`canceled while ${resource}`, { duration_ms: ms, success: false })
        : log(`error while ${resource}: ${error}${retryNote(failure)}`, { duration_ms: ms, success: false, error });
      await told.catch(() => undefined);
      throw failure;
    }
  };
}
