import { changeOf } from './change-of.ts';
import { Draft, join } from './draft.ts';
import { topologicalOrder } from './graph.ts';
import { planDeletes } from './plan-deletes.ts';
import type { Index, PlanInput } from './plan-input.ts';
import { isPaused } from './paused.ts';
import type { Finding, Plan, Reason } from './plan-types.ts';
import { refuseMissing } from './refuse-missing.ts';
import { refKey, type Desired } from './resource.ts';
import { ledGroups, rollingOrder } from './rolling-order.ts';
import type { ResourceRecord } from './records.ts';

/**
 * The difference between what is and what is wanted, as steps. Pure; equal inputs give equal plans. `operation_refused` when
 * something is wanted that depends on a resource of another entity which is not there.
 */
export function plan(input: PlanInput): Plan {
  const draft = new Draft();
  const records = new Map(input.current.map((r) => [refKey(r.ref) as string, r]));
  const desired = new Map(input.desired.map((d) => [refKey(d.ref) as string, d]));
  const findings = new Map(input.findings.map((f) => [refKey(f.ref) as string, f]));
  planChanges(draft, input, records, desired, findings);
  planDeletes(draft, records, desired);
  const { steps, waiting } = draft;
  return { steps, ...(waiting.length > 0 && { waiting }) };
}

/** Done when it runs again whether or not somebody asked for something: nobody has to be told that it waits. */
const OF_ITSELF: ReadonlySet<Reason> = new Set<Reason>(['dependency_changed', 'drifted', 'requested']);

function planChanges(
  draft: Draft,
  input: PlanInput,
  records: Index<ResourceRecord>,
  desired: Index<Desired>,
  findings: Index<Finding>,
): void {
  const led = ledGroups(input, records);
  const before = rollingOrder(
    input.desired,
    (group) => input.inCharge?.(group),
    (group) => led.has(group),
  );
  const order = topologicalOrder([...desired.keys()], (key) => [
    ...(desired.get(key)?.dependsOn ?? []).map((d) => refKey(d.ref)),
    ...(before.get(key) ?? []),
  ]);
  for (const key of order) {
    const wanted = desired.get(key);
    if (!wanted) continue;
    const paused = isPaused(wanted, desired);
    if (!paused) refuseMissing(wanted, input.foreign);
    const waits = draft.waitsFor(wanted.dependsOn);
    const change = changeOf(wanted, records.get(key), findings.get(key), input, draft.changed, records);
    if (!change || paused) {
      draft.waits.set(key, waits);
      if (change && !OF_ITSELF.has(change.reason))
        draft.leave({ ...change, ref: wanted.ref, executor: wanted.executor });
      continue;
    }
    const turn = change.action === 'create' ? [] : draft.stepsOf(before.get(key) ?? []);
    draft.changed.set(key, change);
    draft.add(
      key,
      { ...change, ref: wanted.ref, executor: wanted.executor },
      join([waits, { after: turn, afterAny: [] }]),
    );
  }
}
