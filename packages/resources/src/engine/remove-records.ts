import { contextOf, type Run } from './apply.ts';
import type { EntityRef } from './entity-ref.ts';
import { plan } from './plan.ts';
import { refKey, type AnyResource } from './resource.ts';
import type { ResourceRecord } from './records.ts';

export interface Remover<C> {
  readonly clients: C;
  /** Statuses of what the records depend on at other entities. */
  readonly foreign?: ReadonlyMap<string, unknown>;
  kind(name: string): AnyResource<C>;
}

/** Deletes what stored records describe, dependants first; what lies within another one goes with it. Safe to repeat. */
export async function removeRecords<C>(
  remover: Remover<C>,
  owner: { readonly entity: EntityRef; readonly tenantId?: string | undefined },
  records: readonly ResourceRecord[],
  run: Run,
): Promise<void> {
  const kindFacts = () => ({ immutable: [], updatable: true });
  const { steps } = plan({ current: records, desired: [], findings: [], kindFacts });
  const own = records.map((r) => [refKey(r.ref) as string, r.status] as const);
  const statuses = new Map([...own, ...(remover.foreign ?? [])]);
  const byKey = new Map(records.map((r) => [refKey(r.ref) as string, r]));
  for (const { ref } of steps) {
    const record = byKey.get(refKey(ref));
    const context = contextOf(remover, { ...owner, step: { ref } }, statuses, run);
    if (record) await remover.kind(ref.kind).delete({ spec: record.spec, status: record.status }, context);
  }
}
