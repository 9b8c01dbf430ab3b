import { join, type Draft } from './draft.ts';
import { topologicalOrder } from './graph.ts';
import { heldBack } from './held-back.ts';
import { isShut } from './paused.ts';
import type { Index } from './plan-input.ts';
import { refKey, type Dependency, type Desired, type Ref } from './resource.ts';
import type { ResourceRecord } from './records.ts';

/**
 * Deletes come after whatever depended on the resource was deleted or changed; what lies within a deleted one goes with it. One
 * inside something that stays comes after what it needs itself was changed: it may be about to start.
 */
export function planDeletes(draft: Draft, records: Index<ResourceRecord>, desired: Index<Desired>): void {
  const doomed = [...records.values()].filter((r) => !desired.has(refKey(r.ref)));
  const doomedKeys = new Set<string>(doomed.map((r) => refKey(r.ref)));
  const held = heldBack(doomed, (holder) => isShut(holder, desired));
  const dependents = new Map<string, Ref[]>();
  for (const record of records.values()) {
    for (const d of record.dependsOn) {
      const target = refKey(d.ref);
      const list = dependents.get(target);
      if (list) list.push(record.ref);
      else dependents.set(target, [record.ref]);
    }
  }
  for (const key of topologicalOrder([...doomedKeys], (k) =>
    (dependents.get(k) ?? []).map(refKey).filter((d) => doomedKeys.has(d)),
  )) {
    const record = records.get(key);
    if (!record) continue;
    const after = draft.waitsFor((dependents.get(key) ?? []).map((ref) => ({ ref })));
    const step = {
      action: 'delete',
      reason: 'not_desired',
      fields: [],
      ref: record.ref,
      executor: record.executor,
    } as const;
    if (record.within && doomedKeys.has(refKey(record.within))) draft.waits.set(key, after);
    else if (held.has(key)) draft.leave(step);
    else draft.add(key, step, record.within ? join([after, draft.waitsFor(needs(record, desired))]) : after);
  }
}

/** What it depended on, but for alternatives that do not run now. */
const needs = ({ dependsOn }: ResourceRecord, desired: Index<Desired>): readonly Dependency[] =>
  dependsOn.filter(({ ref, anyOf }) => anyOf === undefined || desired.get(refKey(ref))?.stopped !== true);
