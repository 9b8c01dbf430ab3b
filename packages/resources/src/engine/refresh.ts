import { domainErrorOf } from '../errors/index.ts';
import { contextOf, type Run } from './apply.ts';
import type { EntityRef } from './entity-ref.ts';
import { canonicalJson } from './hash.ts';
import type { Finding } from './plan-types.ts';
import { refKey, type AnyResource, type Ref } from './resource.ts';
import type { ResourceRecord } from './records.ts';

export interface Observer<C> {
  readonly clients: C;
  /** Statuses of what the records depend on at other entities. */
  readonly foreign?: ReadonlyMap<string, unknown>;
  kind(name: string): AnyResource<C>;
}

export interface Observation {
  readonly ref: Ref;
  readonly finding?: Finding;
  /** The status as it is now, when it differs from the stored one. */
  readonly status?: unknown;
}

/** One look may take so long: one that hangs must not make the whole host count as away. */
const LOOK_WITHIN_MS = 8000;

/**
 * A look that failed only after so long ran into a time limit of its own, as happens on a busy host: it is tried once more. What is not looked at
 * gets no step, and whatever lies in it may then be found missing.
 */
const LATE_MS = 1000;

/** Looks at stored resources, all at once; changes nothing. What cannot be looked at becomes a finding, never an error. */
export async function observe<C>(
  observer: Observer<C>,
  entity: EntityRef,
  records: readonly ResourceRecord[],
  all: readonly ResourceRecord[],
  run: Run,
  withinMs = LOOK_WITHIN_MS,
): Promise<Observation[]> {
  const statuses = new Map([
    ...all.map((r) => [refKey(r.ref) as string, r.status] as const),
    ...(observer.foreign ?? []),
  ]);
  return Promise.all(records.map((record) => observeOne(observer, entity, record, statuses, { run, withinMs })));
}

async function observeOne<C>(
  observer: Observer<C>,
  entity: EntityRef,
  record: ResourceRecord,
  statuses: ReadonlyMap<string, unknown>,
  { run, withinMs }: { readonly run: Run; readonly withinMs: number },
): Promise<Observation> {
  const { ref } = record;
  if (record.status === undefined) return { ref };
  const limit = AbortSignal.timeout(withinMs);
  const limited = { ...run, signal: AbortSignal.any([run.signal, limit]) };
  try {
    const kind = observer.kind(ref.kind);
    const context = contextOf(observer, { entity, step: { ref } }, statuses, limited);
    const prior = { spec: kind.spec.parse(record.spec), status: record.status };
    const look = onceMoreWhenLate(() => kind.refresh(prior, context), limited.signal);
    const seen = await Promise.race([look, whenAborted(limit)]);
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
    const late = limit.aborted ? `it did not answer within ${String(withinMs / 1000)} s` : undefined;
    const unreachable = late ?? domainErrorOf(err)?.message ?? 'it could not be read';
    return { ref, finding: { ref, missing: false, drift: [], unreachable } };
  }
}

async function onceMoreWhenLate<T>(look: () => Promise<T>, signal: AbortSignal): Promise<T> {
  const begun = performance.now();
  try {
    return await look();
  } catch (err) {
    if (signal.aborted || performance.now() - begun < LATE_MS) throw err;
    return look();
  }
}

/** Rejects then; a client need not heed its signal. */
const whenAborted = (signal: AbortSignal): Promise<never> =>
  new Promise((_resolve, reject) =>
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true }),
  );
