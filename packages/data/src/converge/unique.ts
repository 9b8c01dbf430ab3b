import type { Context } from './context.ts';
import type { Rejected } from './conflicts.ts';
import type { StoredRow } from './store.ts';
import { collide, type Table } from './table.ts';
import { compareVersions } from './version.ts';

interface Keyed {
  readonly key: string;
  readonly stored: StoredRow;
}

/** Newest first; of one transaction by key, so that there is an order at all. */
const newestFirst = (a: Keyed, b: Keyed): number =>
  compareVersions(b.stored.version, a.stored.version) || (a.key < b.key ? -1 : 1);

/**
 * Which of these rows may stand in the table: from the newest on, each that has no unique value of one that stands. It asks
 * nothing but the rows and their versions, so nodes that have the same rows, parked ones too, show the same.
 */
export function standing(table: Table, rows: readonly Keyed[]): Keyed[] {
  const stands: Keyed[] = [];
  for (const one of [...rows].sort(newestFirst))
    if (!stands.some((other) => collide(table, other.stored.row, one.stored.row))) stands.push(one);
  return stands;
}

/** Puts rows of a table beside it and back into it, as `standing` says, around the keys that were written. */
export function arrange({ store, tableOf, rules }: Context, name: string, keys: Iterable<string>): void {
  const table = tableOf(name);
  if (table.unique.length === 0) return;
  const rows = connected({ store, name }, [...store.parkedKeys(name), ...keys]);
  const stands = new Set(standing(table, rows).map(({ key }) => key));
  for (const { key, stored } of rows)
    if (stands.has(key) === stored.parked) {
      if (rules.parking) store.putRow(name, key, { ...stored, parked: !stored.parked });
      else destroy(store, name, key, stored);
    }
}

function destroy(store: Context['store'], name: string, key: string, { version }: StoredRow): void {
  store.removeRow(name, key);
  if (version) store.putTombstone(name, key, version);
}

/** The rows that collide with these, the rows that collide with those, and so on. */
function connected({ store, name }: { store: Context['store']; name: string }, from: readonly string[]): Keyed[] {
  const found = new Map<string, Keyed>();
  const open = [...from];
  for (let key = open.pop(); key !== undefined; key = open.pop()) {
    const stored = found.has(key) ? undefined : store.row(name, key);
    if (!stored) continue;
    found.set(key, { key, stored });
    open.push(...store.colliding(name, stored.row));
  }
  return [...found.values()];
}

/**
 * The parked rows this node has to remove for good, with an ordinary delete of its own: those that lost to a row which was
 * written here. Every node will say the same of every row, so each is removed by one.
 */
export function toRemove({ store, tableOf, actsFor }: Context, name: string): Rejected[] {
  const table = tableOf(name);
  return [...store.parkedKeys(name)].flatMap((key) => {
    const loser = store.row(name, key);
    if (!loser) return [];
    const winner = winnerOver({ store, table }, key, loser);
    if (!winner || !actsFor(winner.version?.node)) return [];
    return [{ table: name, key, loser: loser.version, winner: winner.version, lostTo: 'unique value', row: loser.row }];
  });
}

/** The newest row that stands where this one would. */
function winnerOver(
  { store, table }: { store: Context['store']; table: Table },
  key: string,
  loser: StoredRow,
): StoredRow | undefined {
  return [...store.colliding(table.name, loser.row)]
    .filter((other) => other !== key)
    .map((other) => store.row(table.name, other))
    .filter((one) => one !== undefined && !one.parked)
    .sort((a, b) => compareVersions(b?.version ?? null, a?.version ?? null))[0];
}
