import type { PresentForm } from '../engine/present-form.ts';
import { resourceRecords } from '../engine/records.ts';
import { leftoverRecords } from '../postgres/records/backup-records.ts';
import type { Collection, Under } from '../store/collection.ts';
import type { Kv } from '../store/kv.ts';

const PAGE = 200;

/**
 * Brings every stored resource, and what deleted entities left on a host, into the form of this program; gives how many records
 * were changed. Several workers may do so at once, and again: a record that somebody else changes meanwhile is left to them. What a
 * newer program stored, or a kind this one does not know, stays as it is.
 */
export async function migrateResources(
  kv: Pick<Kv, 'list' | 'commit'>,
  hostId: string,
  present: PresentForm,
): Promise<number> {
  const lenient = orAsItIs(present);
  const resources = await rewrite(kv, resourceRecords, [], ([entity], record) => lenient(entity, record));
  const leftovers = await rewrite(kv, leftoverRecords, [hostId], (_id, left) => {
    const records = left.records.map((record) => lenient(left.databaseId, record));
    return records.some((record, i) => record !== left.records[i]) ? { ...left, records } : left;
  });
  return resources + leftovers;
}

const orAsItIs =
  (present: PresentForm): PresentForm =>
  (entityId, record) => {
    try {
      return present(entityId, record);
    } catch {
      return record; // whoever uses it is told what is wrong with it
    }
  };

/** `form` gives back the very value that needs no change. */
async function rewrite<T, Id extends readonly string[]>(
  kv: Pick<Kv, 'list' | 'commit'>,
  collection: Collection<T, Id>,
  some: Under<Id>,
  form: (id: Id, value: T) => T,
): Promise<number> {
  let changed = 0;
  for (let after: string | undefined; ;) {
    const unreadable = (): void => undefined; // whoever uses it is told what is wrong with it
    const rows = await collection.list(kv, some, { limit: PAGE, after, unreadable });
    for (const { id, key, value, revision } of rows) {
      const next = form(id, value);
      if (next === value) continue;
      if ((await kv.commit([{ key, revision }], [collection.put(next, ...id)])) !== false) changed += 1;
    }
    after = rows.at(-1)?.key;
    if (after === undefined) return changed;
  }
}
