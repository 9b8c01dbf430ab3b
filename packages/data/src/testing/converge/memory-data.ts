import type { StoredRow } from '../../converge/store.ts';
import type { Tally } from '../../converge/tally.ts';
import { settled } from '../../converge/tally.ts';
import type { Version } from '../../converge/version.ts';
import { mayForget } from '../../converge/expiry.ts';
import { TABLES } from './schema.ts';

interface TableData {
  rows: Map<string, StoredRow>;
  tombstones: Map<string, Version>;
  tableTombstone: Version | undefined;
  tallies: Map<string, Tally>;
}

/** What one node has committed. */
export class MemoryData {
  readonly tables = new Map<string, TableData>();
  #numbers: number;

  constructor(from?: MemoryData) {
    for (const name of Object.keys(TABLES)) this.tables.set(name, copyOf(from?.tables.get(name)));
    this.#numbers = from ? from.#numbers : 0;
  }

  of(name: string): TableData {
    const found = this.tables.get(name);
    if (!found) throw new Error(`no table ${name}`);
    return found;
  }

  /** The next value of the sequence; every node has a stride of its own. */
  nextNumber(node: number): string {
    this.#numbers += 1;
    return `${String(this.#numbers)}.${String(node)}`;
  }

  /** The tombstones of keys as a statement that begins now will see them. */
  snapshot(): Map<string, Map<string, Version>> {
    const seen = new Map<string, Map<string, Version>>();
    for (const [name, { tombstones }] of this.tables) if (tombstones.size > 0) seen.set(name, new Map(tombstones));
    return seen;
  }

  forgetBefore(horizon: number): void {
    for (const table of this.tables.values()) {
      for (const [key, { time }] of table.tombstones) if (mayForget(time, horizon, 0)) table.tombstones.delete(key);
      if (table.tableTombstone && mayForget(table.tableTombstone.time, horizon, 0)) table.tableTombstone = undefined;
      for (const [content, tally] of table.tallies) table.tallies.set(content, settled(tally, horizon));
    }
  }

  /** VACUUM FREEZE, long after: commit times are gone. Parked rows are settled long before that. */
  freezeBefore(horizon: number): void {
    for (const { rows } of this.tables.values()) {
      if ([...rows.values()].some(({ parked }) => parked)) continue;
      for (const [key, row] of rows)
        if (row.version && mayForget(row.version.time, horizon, 0)) rows.set(key, { ...row, version: null });
    }
  }
}

function copyOf(from: TableData | undefined): TableData {
  return {
    rows: new Map(from?.rows),
    tombstones: new Map(from?.tombstones),
    tableTombstone: from?.tableTombstone,
    tallies: new Map(from?.tallies),
  };
}
