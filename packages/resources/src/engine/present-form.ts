import { DomainError } from '../errors/index.ts';
import { refKey, type AnyResource, type Dependency } from './resource.ts';
import type { ResourceRecord } from './records.ts';

/** Spec and status of a resource as one version of its kind stored them. */
export interface Form {
  readonly spec: Readonly<Record<string, unknown>>;
  readonly status?: Readonly<Record<string, unknown>> | undefined;
}

/** From one version of a kind to the next. Pure; `entityId`: whose resource it is. */
export type FormMigration = (older: Form, entityId: string) => Form;

/** A stored record in the form of this program, whichever version of its kind stored it. */
export type PresentForm = (entityId: string, record: ResourceRecord) => ResourceRecord;

/**
 * Records in the form that the kinds of this program know; one that is in it already is given back as it is. Throws
 * `record_unreadable` for one of a newer program, which this one would misread.
 */
export const presentForm =
  <C>(kind: (name: string) => AnyResource<C>): PresentForm =>
  (entityId, record) => {
    const its = kind(record.ref.kind);
    if (record.version === its.version) return record;
    if (record.version > its.version) throw tooNew(record, its.version);
    const { spec, status } = migrated(its, entityId, record);
    const parsed: unknown = its.spec.parse(spec);
    return {
      ...record,
      version: its.version,
      appliedVersion: record.appliedVersion ?? record.version,
      spec: parsed,
      status: status === undefined ? undefined : its.status.parse(status),
      executor: its.executor(parsed),
      dependsOn: mergedDependencies(its.dependsOn?.(parsed) ?? [], record.dependsOn),
      within: its.within?.(parsed),
    };
  };

/** What it depended on before counts until it is applied again: for what has to be deleted first. */
function mergedDependencies(now: readonly Dependency[], before: readonly Dependency[]): Dependency[] {
  const known = new Set<string>(now.map(({ ref }) => refKey(ref)));
  return [...now, ...before.filter(({ ref }) => !known.has(refKey(ref)))];
}

function migrated<C>({ migrations = [] }: AnyResource<C>, entityId: string, record: ResourceRecord): Form {
  const { spec, status } = record as unknown as Form;
  return migrations
    .slice(record.version - 1)
    .reduce<Form>((older, migrate) => migrate(older, entityId), { spec, status });
}

const tooNew = ({ ref, version }: ResourceRecord, known: number): DomainError =>
  new DomainError(
    'record_unreadable',
    `'${refKey(ref)}' was stored by a newer program, as version ${String(version)} of its kind; this one knows version ${String(known)}: ` +
      'start the newer program again on this host',
  );
