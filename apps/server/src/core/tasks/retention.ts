import { entityKey, partOf, type EntityRef } from '@windlass/resources/plan';
import { planParts, planRecords } from '@windlass/resources/records';
import type { Kv, KvWrite, Versioned } from '@windlass/resources/store';
import { taskLogEntries, taskRecords, isTerminal, type TaskRecord } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import { upkeepOf } from './entity-upkeep.ts';
import type { Owned } from './owned-entities.ts';

/** How much of the past is kept of each entity. */
export interface Kept {
  readonly tasks: number;
  /** Tasks that ended longer ago go although there are few. */
  readonly days: number;
  readonly plans: number;
}

export const KEPT: Kept = { tasks: 200, days: 90, plans: 10 };

/** Tasks forgotten in one transaction: each takes up to five writes, and etcd takes 128. */
const BATCH = 20;
/** So many batches of one entity are done in one round; the rest in the next. */
const BATCHES = 10;
/** So many entities are looked at in one round: after a start all of them are new. */
const ENTITIES = 10;
/** One entity that nobody changed is looked at in so many rounds. */
const PATIENCE = 5;
/** Behind every id that may follow a prefix. */
const LAST = '\uffff';

type Row = Versioned<TaskRecord> & { readonly key: string };

/**
 * Forgets old tasks with their logs and plans, so that the store does not grow with time. Open tasks stay, and so does
 * what something still refers to.
 * Several servers may do so at once.
 */
export class Retention {
  readonly #kv: Kv;
  readonly #upkeep: ServerDeps['upkeep'];
  readonly #now: () => Date;
  readonly #kept: Kept;
  /** Revisions at which entities were looked at last. */
  readonly #seen = new Map<string, number>();
  #after = '';
  #rounds = 0;

  constructor({ kv, now, upkeep }: Pick<ServerDeps, 'kv' | 'now' | 'upkeep'>, kept: Kept) {
    this.#kv = kv;
    this.#upkeep = upkeep;
    this.#now = now;
    this.#kept = kept;
  }

  /** One round: entities whose record has changed since, and now and then the next of all that have tasks. */
  async round(owned: readonly Owned[]): Promise<void> {
    const changed = owned.filter(
      ({ entity, revision, taskId }) => taskId === undefined && this.#seen.get(entityKey(entity)) !== revision,
    );
    for (const { entity, revision } of changed.slice(0, ENTITIES)) {
      if (await this.tidy(entity)) this.#seen.set(entityKey(entity), revision);
    }
    this.#forgetAllBut(new Set(owned.map(({ entity }) => entityKey(entity))));
    if (this.#rounds++ % PATIENCE > 0) return;
    const next = await this.#nextEntity();
    if (next) await this.tidy(next);
  }

  /** Forgets what is too old or too much of one entity. False when there is more to do. */
  async tidy(entity: EntityRef): Promise<boolean> {
    const rows = await taskRecords.list(this.#kv, [entity.kind, entity.id], { order: 'desc' });
    const refers = this.#upkeep.map(async (kind) => (await kind.refersTo?.(this.#kv, entity)) ?? []);
    const referred = new Set((await Promise.all(refers)).flat());
    const old = rows.filter((row, i) => this.#isOld(row, i) && !referred.has(row.value.taskId)).reverse();
    for (let at = 0; at < old.length && at < BATCH * BATCHES; at += BATCH)
      await this.#forget(old.slice(at, at + BATCH));
    await this.#forgetPlans(entity, rows);
    return old.length <= BATCH * BATCHES;
  }

  /** `position`: how many newer ones there are. The newest stays however old it is. */
  #isOld({ value }: Row, position: number): boolean {
    if (!isTerminal(value) || position === 0) return false;
    const age = this.#now().getTime() - Date.parse(value.completedAt ?? value.createdAt);
    return position >= this.#kept.tasks || age > this.#kept.days * 24 * 3600 * 1000;
  }

  async #forget(rows: readonly Row[]): Promise<void> {
    const writes = rows.flatMap(({ key, value }): KvWrite[] => {
      const { scope: kind, entityId: id, taskId } = value;
      return [
        { remove: key },
        taskLogEntries.removeUnder(kind, id, taskId),
        ...planWrites({ kind, id }, taskId),
        ...(upkeepOf(this.#upkeep, kind).forgottenWith?.(value) ?? []),
      ];
    });
    await this.#kv.commit(
      rows.map(({ key, revision }) => ({ key, revision })),
      writes,
    );
  }

  /** All but the newest plans, and those of tasks that are open. */
  async #forgetPlans(entity: EntityRef, tasks: readonly Row[]): Promise<void> {
    const open = new Set(tasks.filter(({ value }) => !isTerminal(value)).map(({ value }) => value.taskId));
    const prefix = planRecords.under(partOf(entity));
    const found = (await this.#kv.list(prefix)).map(({ key }) => key.slice(prefix.length).split('/')[0] ?? '');
    const ended = [...new Set(found)].filter((taskId) => !open.has(taskId)).sort();
    const old = ended.slice(0, Math.max(0, ended.length - Math.max(1, this.#kept.plans)));
    for (let at = 0; at < old.length; at += BATCH)
      await this.#kv.commit([], old.slice(at, at + BATCH).flatMap((taskId) => planWrites(entity, taskId))); // prettier-ignore
  }

  /** The entity behind the one before, of all that have tasks; then the first again. */
  async #nextEntity(): Promise<EntityRef | undefined> {
    const after = this.#after === '' ? undefined : this.#after;
    const [row] = await taskRecords.list(this.#kv, [], { limit: 1, after });
    if (!row) return void (this.#after = '');
    const { scope: kind, entityId: id } = row.value;
    this.#after = taskRecords.under(kind, id) + LAST;
    return { kind, id };
  }

  #forgetAllBut(known: ReadonlySet<string>): void {
    for (const key of this.#seen.keys()) if (!known.has(key)) this.#seen.delete(key);
  }
}

function planWrites(entity: EntityRef, taskId: string): KvWrite[] {
  const part = partOf(entity);
  return [planRecords.remove(part, taskId), planParts.removeUnder(part, taskId)];
}
