import { DomainError } from '@windlass/resources/errors';
import { refKey, type Desired, type Plan, type Step } from '@windlass/resources/engine';

/**
 * What an operation on one instance may touch. `container`: whether it runs, and whether its node's schedules do; nothing else. `node`: also everything else
 * of the instance and what its node waits for it with; nothing of other instances and nodes.
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

const CONTAINER = new Set(['swarm.service', 'postgres.instance']);

/** The steps of a plan that are about one instance, in their order; deletes are left to an update. */
export function focusPlan(plan: Plan, desired: readonly Desired[], only: object): Plan {
  const focus = asFocus(only);
  const specs = new Map(desired.map((d) => [refKey(d.ref), d.spec as About]));
  const kept = plan.steps.map((step) => isInFocus(step, specs.get(refKey(step.ref)), focus));
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
  return { ...plan, steps };
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
  if (step.action === 'delete' || spec === undefined) return false;
  const { instanceId, nodeName, scope } = spec;
  if (step.ref.kind === 'backup.schedule') return nodeName === focus.nodeName;
  if (focus.on === 'container') return instanceId === focus.instanceId && CONTAINER.has(step.ref.kind);
  return (
    (instanceId === undefined || instanceId === focus.instanceId) &&
    (nodeName === undefined || nodeName === focus.nodeName) &&
    (scope === undefined || scope === focus.scope)
  );
}
