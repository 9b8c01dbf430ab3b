import { domainErrorOf } from '../errors/index.ts';
import type { ResourceRecord } from '../store/ports.ts';
import { scopeOf, type Run } from './apply.ts';
import { canonicalJson } from './hash.ts';
import type { Finding } from './plan-types.ts';
import { refKey, type AnyResource, type Ref } from './resource.ts';

export interface Observer<C> {
  readonly clients: C;
  kind(name: string): AnyResource<C>;
}

export interface Observation {
  readonly ref: Ref;
  readonly finding?: Finding;
  /** The status as it is now, when it differs from the stored one. */
  readonly status?: unknown;
}

/** Looks at stored resources, all at once; changes nothing. What cannot be looked at becomes a finding, never an error. */
export async function observe<C>(
  observer: Observer<C>,
  entityId: string,
  records: readonly ResourceRecord[],
  all: readonly ResourceRecord[],
  run: Run,
): Promise<Observation[]> {
  const statuses = new Map(all.map((r) => [refKey(r.ref) as string, r.status]));
  return Promise.all(records.map((record) => observeOne(observer, entityId, record, statuses, run)));
}

async function observeOne<C>(
  observer: Observer<C>,
  entityId: string,
  record: ResourceRecord,
  statuses: ReadonlyMap<string, unknown>,
  run: Run,
): Promise<Observation> {
  const { ref } = record;
  if (record.status === undefined) return { ref };
  try {
    const kind = observer.kind(ref.kind);
    const scope = scopeOf(observer, { entityId, step: { ref } }, statuses, run);
    const seen = await kind.refresh({ spec: kind.spec.parse(record.spec), status: record.status }, scope);
    if (!seen) return { ref, finding: { ref, missing: true, drift: [] } };
    const { drift, notes = [] } = seen;
    const changed = canonicalJson(seen.status) !== canonicalJson(record.status);
    return {
      ref,
      ...(drift.length + notes.length > 0 && {
        finding: { ref, missing: false, drift, ...(notes.length > 0 && { notes }) },
      }),
      ...(changed && { status: seen.status }),
    };
  } catch (err) {
    if (run.signal.aborted) throw err;
    const domain = domainErrorOf(err);
    return {
      ref,
      finding: { ref, missing: false, drift: [], unreachable: domain ? domain.message : 'it could not be read' },
    };
  }
}
