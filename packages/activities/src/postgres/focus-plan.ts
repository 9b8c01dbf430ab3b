import { DomainError } from '@windlass/resources/errors';
import { heldBack, refKey, type Plan, type Ref, type Step } from '@windlass/resources/engine';
import { backupSchedule, instance, service } from '@windlass/resources/postgres/kinds';
import type { Around } from '../core/entity-work.ts';

/**
 * What an operation on one instance may touch. `container`: whether it runs, and whether its node's schedules do; nothing else. `node`: also everything else
 * of the instance and what its node waits for it with, changes and deletes; nothing else of other instances and nodes.
 */
export interface PlanFocus {
  readonly instanceId: string;
  readonly nodeName: string;
  readonly scope: string;
  readonly on: 'container' | 'node';
}

interface About {
  readonly instanceId?: string;
  readonly nodeName?: string;
  readonly scope?: string;
}

const CONTAINER: ReadonlySet<string> = new Set([service.kind, instance.kind]);

/** The steps of a plan that are about one instance, in their order; deletes that did not wait for its node are left to an update. */
export function focusPlan(plan: Plan, { desired, current }: Around, only: object): Plan {
  const focus = asFocus(only);
  const specs = new Map(desired.map((d) => [refKey(d.ref), d.spec as About]));
  const waited = deletesOf({ desired, current }, specs, focus);
  const isKept = (step: Step): boolean =>
    step.action === 'delete' ? waited.has(refKey(step.ref)) : isInFocus(step, specs.get(refKey(step.ref)), focus);
  const kept = plan.steps.map(isKept);
  const position = kept.map((keep, i) => (keep ? kept.slice(0, i).filter(Boolean).length : -1));
  const moved = (positions: readonly number[]): number[] =>
    positions.map((p) => position[p] ?? -1).filter((p) => p >= 0);
  const steps = plan.steps
    .filter((_step, i) => kept[i])
    .map(({ afterAny, ...step }) => ({
      ...step,
      after: moved(step.after),
      ...(afterAny && { afterAny: afterAny.map((group) => group.map(moved)) }),
    }));
  const { waiting: all = [], ...rest } = plan;
  const waiting = all.filter(isKept);
  return { ...rest, steps, ...(waiting.length > 0 && { waiting }) };
}

/** Keys of what cannot be deleted while the node in focus is stopped. */
function deletesOf(
  { desired, current }: Around,
  specs: ReadonlyMap<string, About>,
  { on, scope }: PlanFocus,
): ReadonlySet<string> {
  if (on === 'container') return new Set();
  const doomed = current.filter(({ ref }) => !specs.has(refKey(ref)));
  const holders = new Set(desired.flatMap(({ ref, spec }) => ((spec as About).scope === scope ? [refKey(ref)] : [])));
  return heldBack(doomed, (ref: Ref) => holders.has(refKey(ref)));
}

/** Workflows of ours made it. */
function asFocus(only: object): PlanFocus {
  if (isFocus(only)) return only;
  throw new DomainError('server_error', 'nobody says which instance the plan is about');
}

const isFocus = (only: object): only is PlanFocus =>
  ['instanceId', 'nodeName', 'scope'].every((name) => typeof Reflect.get(only, name) === 'string') &&
  'on' in only &&
  (only.on === 'container' || only.on === 'node');

function isInFocus(step: Step, spec: About | undefined, focus: PlanFocus): boolean {
  if (spec === undefined) return false;
  const { instanceId, nodeName, scope } = spec;
  if (step.ref.kind === backupSchedule.kind) return nodeName === focus.nodeName;
  if (focus.on === 'container') return instanceId === focus.instanceId && CONTAINER.has(step.ref.kind);
  return (
    (instanceId === undefined || instanceId === focus.instanceId) &&
    (nodeName === undefined || nodeName === focus.nodeName) &&
    (scope === undefined || scope === focus.scope)
  );
}
