import type { ResourceRecord } from '../store/ports.ts';
import { scopeOf, type Run } from './apply.ts';
import type { EntityRef } from './entity-ref.ts';
import { plan } from './plan.ts';
import { refKey, type AnyResource } from './resource.ts';

export interface Remover<C> {
  readonly clients: C;
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
  const statuses = new Map(records.map((r) => [refKey(r.ref) as string, r.status]));
  const byKey = new Map(records.map((r) => [refKey(r.ref) as string, r]));
  for (const { ref } of steps) {
    const record = byKey.get(refKey(ref));
    const scope = scopeOf(remover, { ...owner, step: { ref } }, statuses, run);
    if (record) await remover.kind(ref.kind).delete({ spec: record.spec, status: record.status }, scope);
  }
}
