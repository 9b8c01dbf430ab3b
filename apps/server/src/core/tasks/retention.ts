import { partOf } from '@windlass/resources/plan';
import {
  lastTasks,
  restoreRecords,
  scheduleRuns,
  swapRecords,
  type DatabaseRecord,
} from '@windlass/resources/postgres/records';
import { planParts, planRecords } from '@windlass/resources/records';
import { removalRecords } from '@windlass/resources/platform/records';
import type { Kv, KvWrite, Versioned } from '@windlass/resources/store';
import { taskLogEntries, taskRecords, isTerminal, type TaskRecord } from '@windlass/resources/tasks';

/** How much of the past is kept of each database and each host. */
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
/** So many databases are looked at in one round: after a start all of them are new. */
const DATABASES = 10;
/** One entity that nobody changed is looked at in so many rounds. */
const PATIENCE = 5;
/** Behind every id that may follow a prefix. */
const LAST = '\uffff';

type Row = Versioned<TaskRecord> & { readonly key: string };
interface Entity {
  readonly scope: TaskRecord['scope'];
  readonly id: string;
}

/**
 * Forgets old tasks with their logs and plans, so that the store does not grow with time. Open tasks stay, and so does
 * what something still refers to: the last task of a node, of a schedule, of a swap that can be undone, of a removal.
 * Several servers may do so at once.
 */
export class Retention {
  readonly #kv: Kv;
  readonly #now: () => Date;
  readonly #kept: Kept;
  /** Revisions at which databases were looked at last. */
  readonly #seen = new Map<string, number>();
  #after = '';
  #rounds = 0;

  constructor({ kv, now }: { readonly kv: Kv; readonly now: () => Date }, kept: Kept) {
    this.#kv = kv;
    this.#now = now;
    this.#kept = kept;
  }

  /** One round: databases whose record has changed since, and now and then the next of all entities there are. */
  async round(databases: readonly Versioned<DatabaseRecord>[]): Promise<void> {
    const changed = databases.filter(
      ({ value, revision }) => value.openTaskId === undefined && this.#seen.get(value.id) !== revision,
    );
    for (const { value, revision } of changed.slice(0, DATABASES)) {
      if (await this.tidy({ scope: 'database', id: value.id })) this.#seen.set(value.id, revision);
    }
    this.#forgetAllBut(new Set(databases.map(({ value }) => value.id)));
    if (this.#rounds++ % PATIENCE > 0) return;
    const next = await this.#nextEntity();
    if (next) await this.tidy(next);
  }

  /** Forgets what is too old or too much of one entity. False when there is more to do. */
  async tidy({ scope, id }: Entity): Promise<boolean> {
    const rows = await taskRecords.list(this.#kv, [scope, id], { order: 'desc' });
    const referred = scope === 'database' ? await this.#referredBy(id) : new Set<string>();
    for (const taskId of await this.#removals()) referred.add(taskId);
    const old = rows.filter((row, i) => this.#isOld(row, i) && !referred.has(row.value.taskId)).reverse();
    for (let at = 0; at < old.length && at < BATCH * BATCHES; at += BATCH)
      await this.#forget(old.slice(at, at + BATCH));
    if (scope === 'database') await this.#forgetPlans(id, rows);
    return old.length <= BATCH * BATCHES;
  }

  /** `position`: how many newer ones there are. The newest stays however old it is. */
  #isOld({ value }: Row, position: number): boolean {
    if (!isTerminal(value) || position === 0) return false;
    const age = this.#now().getTime() - Date.parse(value.completedAt ?? value.createdAt);
    return position >= this.#kept.tasks || age > this.#kept.days * 24 * 3600 * 1000;
  }

  async #forget(rows: readonly Row[]): Promise<void> {
    const writes = rows.flatMap(({ key, value: { scope, entityId, taskId } }): KvWrite[] => [
      { remove: key },
      taskLogEntries.removeUnder(scope, entityId, taskId),
      ...(scope === 'database' ? planWrites(entityId, taskId) : []),
      ...(scope === 'database' ? [restoreRecords.remove(entityId, taskId)] : []),
    ]);
    await this.#kv.commit(
      rows.map(({ key, revision }) => ({ key, revision })),
      writes,
    );
  }

  /** All but the newest plans, and those of tasks that are open. */
  async #forgetPlans(id: string, tasks: readonly Row[]): Promise<void> {
    const open = new Set(tasks.filter(({ value }) => !isTerminal(value)).map(({ value }) => value.taskId));
    const prefix = planRecords.under(partOf({ kind: 'database', id }));
    const found = (await this.#kv.list(prefix)).map(({ key }) => key.slice(prefix.length).split('/')[0] ?? '');
    const ended = [...new Set(found)].filter((taskId) => !open.has(taskId)).sort();
    const old = ended.slice(0, Math.max(0, ended.length - Math.max(1, this.#kept.plans)));
    for (let at = 0; at < old.length; at += BATCH)
      await this.#kv.commit([], old.slice(at, at + BATCH).flatMap((taskId) => planWrites(id, taskId))); // prettier-ignore
  }

  async #referredBy(id: string): Promise<Set<string>> {
    const [swaps, runs, last] = await Promise.all([
      swapRecords.list(this.#kv, [id]),
      scheduleRuns.list(this.#kv, [id]),
      lastTasks.list(this.#kv, [id]),
    ]);
    return new Set([
      ...swaps.map(({ value }) => value.taskId),
      ...runs.flatMap(({ value }) => value.taskId ?? []),
      ...last.map(({ value }) => value),
    ]);
  }

  async #removals(): Promise<string[]> {
    const rows = await removalRecords.list(this.#kv, []);
    return rows.flatMap(({ value: { taskId, updates } }) => [taskId, ...updates.map((update) => update.taskId)]);
  }

  /** The entity behind the one before, of all that have tasks; then the first again. */
  async #nextEntity(): Promise<Entity | undefined> {
    const after = this.#after === '' ? undefined : this.#after;
    const [row] = await taskRecords.list(this.#kv, [], { limit: 1, after });
    if (!row) return void (this.#after = '');
    const { scope, entityId: id } = row.value;
    this.#after = taskRecords.under(scope, id) + LAST;
    return { scope, id };
  }

  #forgetAllBut(known: ReadonlySet<string>): void {
    for (const id of this.#seen.keys()) if (!known.has(id)) this.#seen.delete(id);
  }
}

function planWrites(id: string, taskId: string): KvWrite[] {
  const part = partOf({ kind: 'database', id });
  return [planRecords.remove(part, taskId), planParts.removeUnder(part, taskId)];
}
