import { referTo, type EntityRecord } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import { partOf } from '@windlass/resources/plan';
import type { Claim } from '@windlass/resources/store';
import { ownedBy, type OpenedTask, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { accept } from './accept.ts';
import type { EntityStore, StoredEntity } from './entity-store.ts';
import { startAfresh } from './start-afresh.ts';

/** Of a transaction that others come before. */
const TRIES = 5;

/** What was accepted, and what the entity is from then on. */
export interface Accepted<R extends EntityRecord, S> {
  readonly task: TaskRecord;
  readonly record: R;
  readonly stored: S;
  /** Of the spec; 0 until it is written. */
  readonly revision: number;
}

/** What else belongs into the accepting transaction. */
export type Also<R extends EntityRecord, S> = (accepted: Accepted<R, S>) => Claim;

/** A spec to be stored, what is stored with it, and what the record says from then on. */
export interface SpecWish<R extends EntityRecord, S> {
  readonly stored: S;
  readonly besides: Claim;
  readonly record: R;
}

/** Accepts an entity that is not there yet: neither its record nor its spec may be. */
export async function acceptNew<R extends EntityRecord, S>(
  deps: ServerDeps,
  store: EntityStore<R, S>,
  opened: OpenedTask,
  wish: SpecWish<R, S>,
  also: Also<R, S>,
): Promise<Accepted<R, S>> {
  const absent = { recordRevision: 0, specRevision: 0 };
  await startAfresh(deps, store, wish.record.id);
  return acceptSpec(deps, store, opened, wish, { before: absent, also, refusal: store.refusals.exists });
}

/** Accepts another spec of an entity, which is still as it was checked. */
export function acceptChange<R extends EntityRecord, S>(
  deps: ServerDeps,
  store: EntityStore<R, S>,
  before: StoredEntity<R, S>,
  opened: OpenedTask,
  wish: SpecWish<R, S>,
  also: Also<R, S>,
): Promise<Accepted<R, S>> {
  return acceptSpec(deps, store, opened, wish, { before, also, refusal: store.refusals.busy });
}

interface Terms<R extends EntityRecord, S> {
  readonly before: Pick<StoredEntity<R, S>, 'recordRevision' | 'specRevision'> & { readonly stored?: S };
  readonly also: Also<R, S>;
  readonly refusal: EntityStore['refusals']['busy'];
}

async function acceptSpec<R extends EntityRecord, S>(
  deps: ServerDeps,
  store: EntityStore<R, S>,
  opened: OpenedTask,
  { stored, besides, record: wanted }: SpecWish<R, S>,
  { before, also, refusal }: Terms<R, S>,
): Promise<Accepted<R, S>> {
  const { kind, records, specs } = store;
  const entity = { kind, id: wanted.id };
  const part = partOf(entity);
  const record = ownedBy(opened.task, wanted);
  const accepted = { task: opened.task, record, stored, revision: 0 };
  const holder = { records, revision: before.recordRevision, becomes: record };
  const spec = {
    expect: [{ key: specs.key(part), revision: before.specRevision }],
    writes: [specs.put(stored, part)],
  };
  const refersTo = (one: S | undefined) => (one === undefined ? [] : (store.refersTo?.(one) ?? []));
  const refer = () => referTo(deps.kv, entity, refersTo(before.stored), refersTo(stored));
  const own = [{ key: records.key(wanted.id), revision: before.recordRevision }, ...spec.expect];
  deps.noteChange?.(before.stored, stored);
  const revision = await withReferences(deps, own, refer, (references) =>
    accept(deps, opened, { holder, also: [spec, besides, references, also(accepted)] }, refusal),
  );
  return { ...accepted, revision };
}

/** What is referred to changes all the time: as long as the entity itself is as it was checked, it is tried again. */
async function withReferences(
  { kv }: Pick<ServerDeps, 'kv'>,
  own: Claim['expect'],
  refer: () => Promise<Claim>,
  work: (references: Claim) => Promise<number>,
): Promise<number> {
  for (let tries = 1; ; tries += 1) {
    const references = await refer();
    try {
      return await work(references);
    } catch (err) {
      if (references.expect.length === 0 || tries === TRIES) throw err;
      const now = await Promise.all(own.map(({ key }) => kv.get(key)));
      if (now.some((found, at) => (found?.revision ?? 0) !== own[at]?.revision)) throw err;
    }
  }
}

/** A client that names the revision it has seen, as an entity tag or bare, changes that one or none: `revision_conflict`. */
export function refuseOldRevision(
  { entity, specRevision }: Pick<StoredEntity, 'entity' | 'specRevision'>,
  ifMatch: string | undefined,
): void {
  const tags = (ifMatch ?? '*').split(',').map((tag) => tag.trim().replace(/^W\//, '').replace(/^"|"$/g, ''));
  if (tags.includes('*') || tags.includes(String(specRevision))) return;
  const given = tags.join(', ').slice(0, 64);
  throw new DomainError(
    'revision_conflict',
    `the ${entity.kind} is at revision ${String(specRevision)}, not "${given}"`,
  );
}
