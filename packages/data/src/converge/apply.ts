import type { Transaction } from './change.ts';
import type { Rejected } from './conflicts.ts';
import type { Context } from './context.ts';
import { DECISIONS, whatIsThere, type Decision } from './decisions.ts';
import { effectsOf, type Effect } from './effects.ts';
import { tombstoneOf, type StoredRow } from './store.ts';
import { UNCHANGED, type ReceivedRow, type Row } from './table.ts';
import { counted, emptied, numberOf } from './tally.ts';
import { compareVersions, isNewer, type KnownVersion, type Version } from './version.ts';

export interface Applied {
  /** The keys that were written, by table. */
  readonly written: Map<string, Set<string>>;
  readonly rejected: Rejected[];
  /** The keys that were deleted and had no row: `recheckLater` must look at them again. */
  readonly remembered: Remembered[];
  /** The keys of rows that are not shown, because their sender has a newer one already, which is on its way. */
  readonly superseded: Place[];
}

export interface Place {
  readonly table: string;
  readonly key: string;
}

/** A delete that found nothing. */
export interface Remembered extends Place {
  readonly version: Version;
}

/** Applies all changes of a transaction, in their order. `recheck` and `arrange` come after it, before the commit. */
export function applyChanges(context: Context, transaction: Transaction): Applied {
  const applied: Applied = { written: new Map(), rejected: [], remembered: [], superseded: [] };
  const version = { time: transaction.time, node: transaction.node };
  for (const change of transaction.changes)
    for (const effect of effectsOf(change, context.tableOf, context.rules))
      applyEffect({ context, version, applied }, effect);
  return applied;
}

interface Applying {
  readonly context: Context;
  readonly version: Version;
  readonly applied: Applied;
}

function applyEffect(applying: Applying, effect: Effect): void {
  if (effect.kind === 'truncate') truncate(applying, effect.table);
  else if (effect.kind === 'count') count(applying, effect);
  else decide(applying, effect);
}

type OfKey = Extract<Effect, { kind: 'row' | 'delete' }>;

function decide(applying: Applying, effect: OfKey): void {
  const { context, version, applied } = applying;
  const { table, key } = effect;
  const row = context.store.row(table, key);
  const tombstone = tombstoneOf(context.store, table, key);
  const there = whatIsThere(counting(context, row, tombstone), tombstone, version, newerBy(context));
  const { action, conflict } = DECISIONS[there][effect.kind];
  if (conflict && (there === 'newer row' || there === 'newer tombstone')) {
    const winner = there === 'newer row' ? (row?.version ?? null) : (tombstone ?? null);
    reject(applied, { table, key, loser: version, winner, lostTo: there, row: 'row' in effect ? effect.row : null });
  }
  carryOut(applying, effect, action, row);
}

/** Product code counts every row that is there. */
function counting({ rules }: Context, row: StoredRow | undefined, tombstone?: Version): StoredRow | undefined {
  return rules.frozenOutlives || row?.version || !tombstone ? row : undefined;
}

/** What one transaction did to a key is one change, however many statements it took; the last one is shown. */
function reject({ rejected }: Applied, one: Rejected): void {
  const same = rejected.findIndex(({ table, key }) => table === one.table && key === one.key);
  if (same === -1) rejected.push(one);
  else rejected[same] = one;
}

function carryOut(applying: Applying, effect: OfKey, action: Decision['action'], row: StoredRow | undefined): void {
  const { store, rules } = applying.context;
  if (action === 'write' && effect.kind === 'row') {
    if (row || effect.from === 'insert' || rules.upsert) write(applying, effect, row);
    return;
  }
  if (action === 'remove') store.removeRow(effect.table, effect.key);
  if (action === 'remember')
    applying.applied.remembered.push({ table: effect.table, key: effect.key, version: applying.version });
  if (action !== 'keep' && rules.tombstones) store.putTombstone(effect.table, effect.key, applying.version);
}

function write(
  { context, version, applied }: Applying,
  effect: Extract<Effect, { kind: 'row' }>,
  here?: StoredRow,
): void {
  const { table, key } = effect;
  const row = complete(context, effect, version, here);
  if (!row) {
    applied.superseded.push({ table, key });
    return;
  }
  context.store.putRow(table, key, { version, row, parked: false });
  const keys = applied.written.get(table) ?? new Set();
  applied.written.set(table, keys.add(key));
}

/**
 * The row with the values that were not sent. They are those of the row at its sender, if that still has the version that
 * arrived (or so old that it has none). If not, a newer version of the row is on its way, and this one need not be shown.
 */
function complete(
  context: Context,
  effect: { table: string; key: string; row: ReceivedRow },
  version: Version,
  here?: StoredRow,
): Row | undefined {
  const names = Object.keys(effect.row).filter((name) => effect.row[name] === UNCHANGED);
  if (names.length === 0) return effect.row as Row;
  const asked = whereFrom(context, version, here) === 'here' ? here : context.ask(effect.table, effect.key);
  if (context.rules.completeRows && (!asked || isNewer(asked.version, version))) return undefined;
  return { ...effect.row, ...Object.fromEntries(names.map((name) => [name, asked?.row[name] ?? null])) } as Row;
}

/** A row that the same transaction wrote before is what the sender changed; any other is asked for. */
function whereFrom({ rules }: Context, version: Version, here: StoredRow | undefined): 'here' | 'sender' {
  if (!rules.completeRows || (here && compareVersions(here.version, version) === 0)) return 'here';
  return !rules.askAlways && here?.version?.node === version.node ? 'here' : 'sender';
}

/** Deletes what is not newer, and leaves a tombstone of the table for what is still to come. */
function truncate({ context, version }: Applying, named: string): void {
  const { store, rules } = context;
  for (const table of rules.partitions ? [named] : context.relatives(named)) {
    for (const [key, row] of [...store.rows(table)]) {
      const { action } = DECISIONS[whatIsThere(row, undefined, version, isNewer)].truncate;
      if (action === 'remove' || !rules.truncateByVersion) store.removeRow(table, key);
    }
    for (const [content, tally] of [...store.tallies(table)]) store.putTally(table, content, emptied(tally, version));
    if (rules.tableTombstones) store.putTableTombstone(table, version);
  }
}

/** One more or one less of equal rows, unless the table was emptied later. */
function count({ context, version }: Applying, effect: OfContent): void {
  const truncated = context.store.tableTombstone(effect.table);
  if (!truncated || !isNewer(truncated, version)) addToTally(context, version, effect);
}

type OfContent = Extract<Effect, { kind: 'count' }>;

/** Counts what a transaction of this version did, wherever it was done. */
export function addToTally(
  { store, rules }: Pick<Context, 'store' | 'rules'>,
  version: Version,
  { table, content, row, by }: Omit<OfContent, 'kind'>,
): void {
  const before = store.tally(table, content) ?? { row, certain: 0, since: [] };
  const after = rules.tallies
    ? counted(before, version, by)
    : { ...before, certain: Math.max(0, numberOf(before) + by) };
  store.putTally(table, content, after);
}

/** Product code has one order of versions. */
function newerBy({ rules }: Context): typeof isNewer {
  if (rules.ties && rules.nullOldest) return isNewer;
  return (a: KnownVersion, b: KnownVersion): boolean => {
    if (!rules.nullOldest && (a === null || b === null)) return a === null && b !== null;
    return a && b && !rules.ties ? a.time > b.time : isNewer(a, b);
  };
}
