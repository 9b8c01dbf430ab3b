import { DomainError } from '../errors/index.ts';
import type { Kv, KvWrite, Versioned } from '../store/kv.ts';
import type { ResourceRecord } from '../store/ports.ts';
import type { PresentForm } from './present-form.ts';
import { MAX_OPERATIONS } from '../store/request-limits.ts';
import { refKey, type Ref } from './resource.ts';

/**
 * Which key says who owns an entity now. Every write of a step carries an expectation on it, so that a worker that
 * was away (a zombie) cannot write for a task that lost the entity.
 */
export interface Fence {
  key(entityId: string): string;
  ownerOf(value: unknown): string | undefined;
}

export const resourcePrefix = (entityId: string): string => `resources/${entityId}/`;
const resourceKey = (entityId: string, ref: Ref): string => resourcePrefix(entityId) + refKey(ref);

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

  async list(entityId: string): Promise<ResourceRecord[]> {
    const rows = await this.#kv.list(resourcePrefix(entityId));
    return rows.map((row) => this.#present(entityId, row.value as ResourceRecord));
  }

  async get(entityId: string, ref: Ref): Promise<Versioned<ResourceRecord> | undefined> {
    const found = (await this.#kv.get(resourceKey(entityId, ref))) as Versioned<ResourceRecord> | undefined;
    return found && { ...found, value: this.#present(entityId, found.value) };
  }

  /** The fence's revision, if `taskId` owns the entity. Throws `stale_task` otherwise. */
  async acquire(entityId: string, taskId: string): Promise<number> {
    const held = await this.#kv.get(this.#fence.key(entityId));
    const owner = held && this.#fence.ownerOf(held.value);
    if (!held || owner !== taskId) {
      throw new DomainError('stale_task', `task '${taskId}' no longer owns '${entityId}'`, { details: { owner } });
    }
    return held.revision;
  }

  /** Writes a record; `revision` is that of the record read before (0: it must not exist). Returns the new revision. */
  async put(entityId: string, record: ResourceRecord, revision: number, fence: number): Promise<number> {
    const key = resourceKey(entityId, record.ref);
    return this.#commit(
      entityId,
      record.ref,
      [{ key, revision }, this.#fenced(entityId, fence)],
      [{ put: key, value: record }],
    );
  }

  /** Removes a record and those of everything within it; its own goes last, so that a removal cut short is repeated. */
  async remove(entityId: string, record: ResourceRecord, revision: number, fence: number): Promise<void> {
    const all = await this.list(entityId);
    const gone: KvWrite[] = [...withinClosure(record.ref, all).reverse(), record.ref].map((ref) => ({
      remove: resourceKey(entityId, ref),
    }));
    const expect = [{ key: resourceKey(entityId, record.ref), revision }, this.#fenced(entityId, fence)];
    for (let at = 0; at < gone.length; at += MAX_OPERATIONS)
      await this.#commit(entityId, record.ref, expect, gone.slice(at, at + MAX_OPERATIONS));
  }

  #fenced(entityId: string, revision: number): { key: string; revision: number } {
    return { key: this.#fence.key(entityId), revision };
  }

  async #commit(
    entityId: string,
    ref: Ref,
    expect: { key: string; revision: number }[],
    writes: KvWrite[],
  ): Promise<number> {
    const revision = await this.#kv.commit(expect, writes);
    if (revision === false)
      throw new DomainError('resource_contended', `'${refKey(ref)}' of '${entityId}' was changed at the same time`);
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
