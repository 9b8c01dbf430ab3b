import { DomainError } from '../errors/index.ts';
import type { Kv, KvWrite, Versioned } from '../store/kv.ts';
import type { PresentForm } from './present-form.ts';
import { MAX_OPERATIONS } from '../store/request-limits.ts';
import { partOf, type EntityRef } from './entity-ref.ts';
import { resourceRecords, type ResourceRecord } from './records.ts';
import { localKey, refKey, type Ref } from './resource.ts';

/**
 * Which key says who owns an entity now. Every write of a step carries an expectation on it, so that a worker that
 * was away (a zombie) cannot write for a task that lost the entity.
 */
export interface Fence {
  key(entity: EntityRef): string;
  /** `value` is what is stored under the key. */
  ownerOf(entity: EntityRef, value: unknown): string | undefined;
  /** Whose the entity is, where entities are somebody's. */
  tenantOf?(entity: EntityRef, value: unknown): string | undefined;
}

/** An entity that a task owns. */
export interface Owned {
  /** The fence's revision. */
  readonly fence: number;
  readonly tenantId: string | undefined;
}

/** The stored resources of one entity, one key each, written by compare-and-swap under the entity's fence; read in their present form. */
export class ResourceState {
  readonly #kv: Kv;
  readonly #fence: Fence;
  readonly #present: PresentForm;

  constructor(kv: Kv, fence: Fence, present: PresentForm = (_entityId, record) => record) {
    this.#kv = kv;
    this.#fence = fence;
    this.#present = present;
  }

  /** Throws `record_unreadable`: who does not see all of them must not plan. */
  async list(entity: EntityRef): Promise<ResourceRecord[]> {
    const rows = await resourceRecords.list(this.#kv, [partOf(entity)]);
    return rows.map(({ value }) => this.#present(entity.id, value));
  }

  /** One of the entity, or of another one when the ref says so; only its own are ever written. */
  async get(entity: EntityRef, ref: Ref): Promise<Versioned<ResourceRecord> | undefined> {
    const whose = ref.of ?? entity;
    const found = await resourceRecords.get(this.#kv, partOf(whose), localKey(ref));
    return found && { ...found, value: this.#present(whose.id, found.value) };
  }

  /** The fence's revision, if `taskId` owns the entity. Throws `stale_task` otherwise. */
  async acquire(entity: EntityRef, taskId: string): Promise<number> {
    return (await this.hold(entity, taskId)).fence;
  }

  /** The same with what else is read with it. */
  async hold(entity: EntityRef, taskId: string): Promise<Owned> {
    const held = await this.#kv.get(this.#fence.key(entity));
    const owner = held && this.#fence.ownerOf(entity, held.value);
    if (!held || owner !== taskId) {
      throw new DomainError('stale_task', `task '${taskId}' no longer owns '${entity.id}'`, { details: { owner } });
    }
    return { fence: held.revision, tenantId: this.#fence.tenantOf?.(entity, held.value) };
  }

  /** Writes a record; `revision` is that of the record read before (0: it must not exist). Returns the new revision. */
  async put(entity: EntityRef, record: ResourceRecord, revision: number, fence: number): Promise<number> {
    const id = [partOf(entity), refKey(record.ref)] as const;
    const expect = [{ key: resourceRecords.key(...id), revision }, this.#fenced(entity, fence)];
    return this.#commit(entity, record.ref, expect, [resourceRecords.put(record, ...id)]);
  }

  /** Removes a record and those of everything within it; its own goes last, so that a removal cut short is repeated. */
  async remove(entity: EntityRef, record: ResourceRecord, revision: number, fence: number): Promise<void> {
    const part = partOf(entity);
    const all = await this.list(entity);
    const gone = [...withinClosure(record.ref, all).reverse(), record.ref].map((ref) =>
      resourceRecords.remove(part, refKey(ref)),
    );
    const expect = [{ key: resourceRecords.key(part, refKey(record.ref)), revision }, this.#fenced(entity, fence)];
    for (let at = 0; at < gone.length; at += MAX_OPERATIONS)
      await this.#commit(entity, record.ref, expect, gone.slice(at, at + MAX_OPERATIONS));
  }

  #fenced(entity: EntityRef, revision: number): { key: string; revision: number } {
    return { key: this.#fence.key(entity), revision };
  }

  async #commit(
    entity: EntityRef,
    ref: Ref,
    expect: { key: string; revision: number }[],
    writes: KvWrite[],
  ): Promise<number> {
    const revision = await this.#kv.commit(expect, writes);
    if (revision === false)
      throw new DomainError('resource_contended', `'${refKey(ref)}' of '${entity.id}' was changed at the same time`);
    return revision;
  }
}

function withinClosure(root: Ref, records: readonly ResourceRecord[]): Ref[] {
  const held = new Set<string>([refKey(root)]);
  const found: Ref[] = [];
  for (let grew = true; grew;) {
    grew = false;
    for (const record of records) {
      if (held.has(refKey(record.ref)) || !record.within || !held.has(refKey(record.within))) continue;
      held.add(refKey(record.ref));
      found.push(record.ref);
      grew = true;
    }
  }
  return found;
}
