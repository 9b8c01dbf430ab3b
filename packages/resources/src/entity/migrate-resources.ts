import type { Kv } from '../store/kv.ts';
import { keys } from '../store/keys.ts';
import type { PresentForm } from '../engine/present-form.ts';
import type { Leftovers } from '../postgres/records/backup-records.ts';
import type { ResourceRecord } from '../engine/records.ts';

const PAGE = 200;
const RESOURCES = 'resources/';

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
  const entityOf = (key: string): string => key.slice(RESOURCES.length).split('/')[0] ?? '';
  const resources = await rewrite(kv, RESOURCES, (key, value) => lenient(entityOf(key), value as ResourceRecord));
  const leftovers = await rewrite(kv, keys.leftovers(hostId), (_key, value) => {
    const left = value as Leftovers;
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
async function rewrite(
  kv: Pick<Kv, 'list' | 'commit'>,
  prefix: string,
  form: (key: string, value: unknown) => unknown,
): Promise<number> {
  let changed = 0;
  for (let after: string | undefined; ;) {
    const rows = await kv.list(prefix, { limit: PAGE, ...(after !== undefined && { after }) });
    for (const { key, value, revision } of rows) {
      const next = form(key, value);
      if (next !== value && (await kv.commit([{ key, revision }], [{ put: key, value: next }])) !== false) changed += 1;
    }
    after = rows.at(-1)?.key;
    if (after === undefined) return changed;
  }
}
