import { changedFields } from './changed-fields.ts';
import { canonicalJson } from './hash.ts';
import { inputsHash } from './inputs-hash.ts';
import type { Index, KindFacts, PlanInput } from './plan-input.ts';
import type { Action, Finding, Reason } from './plan-types.ts';
import { refKey, type Desired, type Executor, type Ref } from './resource.ts';
import { usesAnother } from './uses-another.ts';
import type { ResourceRecord } from './records.ts';

export interface Change {
  readonly interrupts?: true;
  readonly action: Action;
  readonly reason: Reason;
  readonly fields: readonly string[];
}

export function changeOf(
  wanted: Desired,
  record: ResourceRecord | undefined,
  finding: Finding | undefined,
  input: PlanInput,
  changed: Index<Change>,
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
  if (fields.length > 0 && facts.replaces?.(record.spec, wanted.spec))
    return { action: 'replace', reason: 'change_replaces', fields, ...interruption(facts, record, wanted) };
  if (record.status === undefined) return { action: 'create', reason: 'previous_attempt_failed', fields: none };
  if (record.phase !== 'ready') return again('previous_attempt_failed', fields);
  const otherVersion = record.version !== wanted.version || record.appliedVersion !== undefined;
  if (fields.length > 0 || otherVersion || !sameExecutor(record.executor, wanted.executor))
    return { ...act('spec_changed', fields), ...interruption(facts, record, wanted) };
  if (finding && finding.drift.length > 0) return act('drifted', [...finding.drift].sort());
  const outputs = wanted.dependsOn.filter((d) => d.output);
  const statusOf = (ref: Ref) => (ref.of ? input.foreign?.get(refKey(ref)) : records.get(refKey(ref))?.status);
  const stale = outputs.length > 0 && record.inputsHash !== inputsHash(wanted, statusOf);
  if (stale || outputs.some((d) => changed.has(refKey(d.ref)))) {
    const interrupts = usesAnother(outputs, facts.interruptedBy ?? [], changed, stale);
    return { ...act('dependency_changed', none), ...(interrupts && { interrupts }) };
  }
  return input.force ? again('requested', none) : undefined;
}

const interruption = (facts: KindFacts, record: ResourceRecord, wanted: Desired): Pick<Change, 'interrupts'> =>
  facts.interrupts?.(record.spec, wanted.spec) ? { interrupts: true } : {};

const sameExecutor = (a: Executor, b: Executor): boolean => canonicalJson(a) === canonicalJson(b);
