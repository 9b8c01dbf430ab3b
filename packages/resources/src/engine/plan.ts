import type { ResourceRecord } from '../store/ports.ts';
import { topologicalOrder } from './graph.ts';
import { canonicalJson, digest } from './hash.ts';
import type { Action, Alternatives, Finding, Plan, Reason, Step } from './plan-types.ts';
import { refKey, type Dependency, type Desired, type Executor, type Ref } from './resource.ts';

/** What the planner must know of a kind. */
export interface KindFacts {
  readonly immutable: readonly string[];
  readonly updatable: boolean;
  interrupts?(before: unknown, after: unknown): boolean;
  leads?(before: unknown, after: unknown): boolean;
}

export interface PlanInput {
  readonly current: readonly ResourceRecord[];
  readonly desired: readonly Desired[];
  readonly findings: readonly Finding[];
  /** Re-applies what is unchanged, too. */
  readonly force?: boolean;
  kindFacts(kind: string): KindFacts;
  /** The member of a rolling group that is changed last, or first where the others can only follow it. */
  inCharge?(group: string): string | undefined;
}

interface Change {
  readonly interrupts?: true;
  readonly action: Action;
  readonly reason: Reason;
  readonly fields: readonly string[];
}

/** The difference between what is and what is wanted, as steps. Pure; equal inputs give equal plans. */
export function plan(input: PlanInput): Plan {
  const draft = new Draft();
  const records = new Map(input.current.map((r) => [refKey(r.ref) as string, r]));
  const desired = new Map(input.desired.map((d) => [refKey(d.ref) as string, d]));
  const findings = new Map(input.findings.map((f) => [refKey(f.ref) as string, f]));
  planChanges(draft, input, records, desired, findings);
  planDeletes(draft, records, desired);
  return { steps: draft.steps };
}

/** What a step has to wait for. */
interface Waits {
  readonly after: readonly number[];
  readonly afterAny: readonly Alternatives[];
}
const NO_WAITS: Waits = { after: [], afterAny: [] };

/** Steps so far, and for every resource what whatever depends on it must wait for. */
class Draft {
  readonly steps: Step[] = [];
  readonly waits = new Map<string, Waits>();
  readonly changed = new Set<string>();

  add(key: string, step: Omit<Step, 'after' | 'afterAny'>, { after, afterAny }: Waits): void {
    this.steps.push({ ...step, after, ...(afterAny.length > 0 && { afterAny }) });
    this.waits.set(key, { after: [this.steps.length - 1], afterAny: [] });
  }

  /** The steps of those of the resources that have one. */
  stepsOf(keys: readonly string[]): readonly number[] {
    return keys.filter((key) => this.changed.has(key)).flatMap((key) => this.waits.get(key)?.after ?? []);
  }

  waitsFor(dependencies: readonly Dependency[]): Waits {
    const groups = new Map<string, Waits[]>();
    const all: Waits[] = [];
    for (const { ref, anyOf } of dependencies) {
      const waits = this.waits.get(refKey(ref)) ?? NO_WAITS;
      if (anyOf === undefined) all.push(waits);
      else groups.set(anyOf, [...(groups.get(anyOf) ?? []), waits]);
    }
    const pending = [...groups.values()].filter((group) => group.every((w) => w.after.length > 0));
    return join([...all, ...pending.map((group) => ({ after: [], afterAny: [group.map((w) => w.after)] }))]);
  }
}

/** For every resource of a rolling group the resources of the members before its own. */
function rollingOrder(
  desired: readonly Desired[],
  inCharge: (group: string) => string | undefined,
  leads: (group: string) => boolean,
): Map<string, string[]> {
  const groups = new Map<string, Map<string, string[]>>();
  for (const { rolling, ref } of desired) {
    if (!rolling) continue;
    const members = groups.get(rolling.group) ?? new Map<string, string[]>();
    members.set(rolling.member, [...(members.get(rolling.member) ?? []), refKey(ref)]);
    groups.set(rolling.group, members);
  }
  const before = new Map<string, string[]>();
  for (const [group, members] of groups) {
    const chief = inCharge(group);
    const rank = (member: string): number => (member !== chief ? 0 : leads(group) ? -1 : 1);
    const order = [...members.keys()].sort((a, b) => rank(a) - rank(b) || (a < b ? -1 : 1));
    const earlier: string[] = [];
    for (const member of order) {
      const own = members.get(member) ?? [];
      for (const key of own) before.set(key, [...earlier]);
      earlier.push(...own);
    }
  }
  return before;
}

/** Groups in which a change has to begin with the member in charge. */
function ledGroups({ desired, kindFacts }: PlanInput, records: Index<ResourceRecord>): Set<string> {
  const led = desired.filter((wanted) => {
    const record = wanted.rolling && records.get(refKey(wanted.ref));
    return record !== undefined && kindFacts(wanted.ref.kind).leads?.(record.spec, wanted.spec);
  });
  return new Set(led.flatMap((d) => (d.rolling ? [d.rolling.group] : [])));
}

function join(all: readonly Waits[]): Waits {
  const after = [...new Set(all.flatMap((w) => w.after))].sort((a, b) => a - b);
  const groups = new Map(all.flatMap((w) => w.afterAny).map((group) => [JSON.stringify(group), group]));
  return { after, afterAny: [...groups.values()] };
}

type Index<T> = ReadonlyMap<string, T>;

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
    const waits = draft.waitsFor(wanted.dependsOn);
    const change = wanted.paused
      ? undefined
      : changeOf(wanted, records.get(key), findings.get(key), input, draft.changed, records);
    if (!change) {
      draft.waits.set(key, waits);
      continue;
    }
    const turn = change.action === 'create' ? [] : draft.stepsOf(before.get(key) ?? []);
    draft.changed.add(key);
    draft.add(
      key,
      { ...change, ref: wanted.ref, executor: wanted.executor },
      join([waits, { after: turn, afterAny: [] }]),
    );
  }
}

function changeOf(
  wanted: Desired,
  record: ResourceRecord | undefined,
  finding: Finding | undefined,
  input: PlanInput,
  changed: ReadonlySet<string>,
  records: Index<ResourceRecord>,
): Change | undefined {
  const none: readonly string[] = [];
  if (!record) return { action: 'create', reason: 'missing', fields: none };
  if (finding?.missing) return { action: 'create', reason: 'missing', fields: none };
  const facts = input.kindFacts(wanted.ref.kind);
  const act = (reason: Reason, fields: readonly string[]): Change => ({
    action: facts.updatable ? 'update' : 'replace',
    reason,
    fields,
  });
  // Doing the same again never replaces: create observes first and adopts what is there.
  const again = (reason: Reason, fields: readonly string[]): Change => ({
    action: facts.updatable ? 'update' : 'create',
    reason,
    fields,
  });
  const fields = changedFields(record.spec, wanted.spec);
  if (fields.some((f) => facts.immutable.includes(f)))
    return { action: 'replace', reason: 'immutable_changed', fields };
  if (record.status === undefined) return { action: 'create', reason: 'previous_attempt_failed', fields: none };
  if (record.phase !== 'ready') return again('previous_attempt_failed', fields);
  const otherVersion = record.version !== wanted.version || record.appliedVersion !== undefined;
  if (fields.length > 0 || otherVersion || !sameExecutor(record.executor, wanted.executor)) {
    const interrupts = facts.interrupts?.(record.spec, wanted.spec) ?? false;
    return { ...act('spec_changed', fields), ...(interrupts && { interrupts }) };
  }
  if (finding && finding.drift.length > 0) return act('drifted', [...finding.drift].sort());
  const outputs = wanted.dependsOn.filter((d) => d.output);
  if (outputs.some((d) => changed.has(refKey(d.ref)))) return act('dependency_changed', none);
  if (outputs.length > 0 && record.inputsHash !== inputsHash(wanted, (ref) => records.get(refKey(ref))?.status))
    return act('dependency_changed', none);
  return input.force ? again('requested', none) : undefined;
}

/** Digest of the statuses of the dependencies whose output counts. */
export function inputsHash(wanted: Pick<Desired, 'dependsOn'>, statusOf: (ref: Ref) => unknown): string {
  return digest(wanted.dependsOn.filter((d) => d.output).map((d) => [refKey(d.ref), statusOf(d.ref) ?? null]));
}

/** Top-level fields in which two specs differ, sorted. */
export function changedFields(before: unknown, after: unknown): string[] {
  const a = (before ?? {}) as Record<string, unknown>;
  const b = (after ?? {}) as Record<string, unknown>;
  const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...keys].filter((k) => canonicalJson(a[k]) !== canonicalJson(b[k])).sort();
}

const sameExecutor = (a: Executor, b: Executor): boolean => canonicalJson(a) === canonicalJson(b);

/** Deletes come after whatever depended on the resource was deleted or changed; what lies within a deleted one goes with it. */
function planDeletes(draft: Draft, records: Index<ResourceRecord>, desired: Index<Desired>): void {
  const doomed = [...records.values()].filter((r) => !desired.has(refKey(r.ref)));
  const doomedKeys = new Set<string>(doomed.map((r) => refKey(r.ref)));
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
    if (record.within && doomedKeys.has(refKey(record.within))) draft.waits.set(key, after);
    else
      draft.add(
        key,
        { action: 'delete', reason: 'not_desired', fields: [], ref: record.ref, executor: record.executor },
        after,
      );
  }
}
