import { addToTally } from '../../converge/apply.ts';
import type { Change } from '../../converge/change.ts';
import { collide, contentOf, keyOf, UNCHANGED, type ReceivedRow, type Row } from '../../converge/table.ts';
import { emptied, numberOf } from '../../converge/tally.ts';
import type { Version } from '../../converge/version.ts';
import type { Rules } from '../../converge/rules.ts';
import type { Draft } from './draft.ts';
import { partitionOf, relatives, tableOf } from './schema.ts';

/** What a transaction did, in whole rows: what the oracle replays. */
export type Deed =
  | { readonly kind: 'put'; readonly table: string; readonly key: string; readonly row: Row }
  | { readonly kind: 'delete'; readonly table: string; readonly key: string }
  | { readonly kind: 'count'; readonly table: string; readonly content: string; readonly by: number }
  | { readonly kind: 'truncate'; readonly table: string };

/** A local transaction that is being written: as Postgres and the triggers for tombstones do it, and what it puts on the wire. */
export class LocalWrite {
  readonly wire: Change[] = [];
  readonly deeds: Deed[] = [];
  readonly #draft: Draft;
  readonly #version: Version;
  readonly #rules: Rules;
  /** REPLICA IDENTITY FULL on `items`. */
  readonly #full: boolean;

  constructor(draft: Draft, version: Version, rules: Rules, full: boolean) {
    this.#draft = draft;
    this.#version = version;
    this.#rules = rules;
    this.#full = full;
  }

  /** The row as a user sees it. */
  visible(table: string, id: string): Row | undefined {
    const found = this.#draft.row(table, keyOf(tableOf(table), { id }));
    return found && !found.parked ? found.row : undefined;
  }

  /** False when a key or a unique value is taken; the transaction fails then. */
  insert(table: string, row: Row): boolean {
    if (this.visible(table, row['id'] ?? '')) return false;
    const stored = this.#put(table, row);
    if (stored) this.wire.push({ kind: 'insert', table, row: asSent(table, stored) });
    return stored !== undefined;
  }

  update(table: string, old: Row, set: Row): boolean {
    const { twice: _made, ...kept } = old;
    const stored = this.#put(table, { ...kept, ...set });
    if (!stored) return false;
    const sent = asSent(table, stored);
    const row = table === 'items' && !('big' in set) ? withoutBig(sent) : sent;
    const whole = this.#full && table === 'items';
    this.wire.push({ kind: 'update', table, row, ...(whole ? { old: asSent(table, old) } : {}) });
    return true;
  }

  /** Users delete what they see; a row that is parked only the node itself can. */
  delete(table: string, row: Row): void {
    this.#remove(table, keyOf(tableOf(table), row));
    this.wire.push({ kind: 'delete', table, old: { id: row['id'] ?? null } });
  }

  /** A row that moves to another partition is on the wire as what it is; within a table it is an update with the old key. */
  rekey(on: string, old: Row, to: string): boolean {
    const [from, into] = on === 'parts' ? [partitionOf(old['id'] ?? ''), partitionOf(to)] : [on, on];
    if (this.visible(into, to)) return false;
    this.#remove(from, keyOf(tableOf(from), old));
    const { twice: _made, ...kept } = old;
    const stored = this.#put(into, { ...kept, id: to });
    if (!stored) return false;
    if (from !== into) this.wire.push({ kind: 'delete', table: from, old: { id: old['id'] ?? null } });
    const sent = asSent(into, stored);
    if (from !== into) this.wire.push({ kind: 'insert', table: into, row: sent });
    else this.wire.push({ kind: 'update', table: from, ...this.#moved(on, old, sent) });
    return true;
  }

  #moved(on: string, old: Row, sent: Row): { old: Row; row: ReceivedRow } {
    const whole = this.#full && on === 'items';
    return { old: whole ? asSent(on, old) : { id: old['id'] ?? null }, row: on === 'items' ? withoutBig(sent) : sent };
  }

  /** How many equal rows a user sees. */
  number(x: string): number {
    const tally = this.#draft.tally('logs', contentOf({ x }));
    return tally ? numberOf(tally) : 0;
  }

  /** Within one transaction these are entries of one version. */
  count(x: string, by: 1 | -1): void {
    const content = contentOf({ x });
    const deed = { table: 'logs', content, by };
    addToTally({ store: this.#draft, rules: this.#rules }, this.#version, { ...deed, row: { x } });
    this.deeds.push({ kind: 'count', ...deed });
  }

  truncate(tables: readonly string[]): void {
    for (const table of tables) this.#empty(table);
    this.wire.push({ kind: 'truncate', tables });
  }

  #empty(table: string): void {
    for (const [key] of this.#draft.rows(table)) this.#draft.removeRow(table, key);
    for (const [content, tally] of this.#draft.tallies(table))
      this.#draft.putTally(table, content, emptied(tally, this.#version));
    if (this.#rules.tableTombstones)
      for (const one of this.#rules.partitions ? [table] : relatives(table))
        this.#draft.putTableTombstone(one, this.#version);
    this.deeds.push({ kind: 'truncate', table });
  }

  #put(table: string, row: Row): Row | undefined {
    const key = keyOf(tableOf(table), row);
    const taken = this.#draft
      .rows(table)
      .some(([other, stored]) => other !== key && !stored.parked && collide(tableOf(table), stored.row, row));
    if (taken) return undefined;
    this.#draft.putRow(table, key, { version: this.#version, row, parked: false });
    const stored = this.#draft.row(table, key)?.row ?? row;
    this.deeds.push({ kind: 'put', table, key, row: stored });
    return stored;
  }

  #remove(table: string, key: string): void {
    this.#draft.removeRow(table, key);
    if (this.#rules.tombstones) this.#draft.putTombstone(table, key, this.#version);
    this.deeds.push({ kind: 'delete', table, key });
  }
}

function asSent(table: string, row: Row): Row {
  return Object.fromEntries(Object.entries(row).filter(([name]) => !tableOf(table).generated.includes(name)));
}

/** What was not changed and is large is not sent. */
function withoutBig(row: Row): ReceivedRow {
  return { ...row, big: UNCHANGED };
}
