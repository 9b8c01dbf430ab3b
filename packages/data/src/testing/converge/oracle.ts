import { collide, type Row } from '../../converge/table.ts';
import { compareVersions, type Version } from '../../converge/version.ts';
import type { Deed } from './local-write.ts';
import { tableOf } from './schema.ts';
import type { Logged } from './sim-node.ts';

/** What came last of a key, or of all keys of a table. */
export interface Last {
  readonly version: Version;
  readonly row: Row | undefined;
  readonly by: Logged;
}

/**
 * What must be there in the end, found in another way than the rules: all transactions of all nodes, one after the other
 * in the order of their versions, as if there were one node; at last the older of two rows with one unique value is left out.
 */
export class Oracle {
  /** By table and key. */
  readonly last = new Map<string, Map<string, Last>>();
  readonly counts = new Map<string, number>();

  constructor(transactions: readonly Logged[]) {
    const order = [...transactions].sort((a, b) => compareVersions(a, b) || a.position - b.position);
    for (const transaction of order) for (const deed of transaction.deeds) this.#do(deed, transaction);
    for (const group of byVersion(order)) this.#count(group.flatMap(({ deeds }) => deeds));
  }

  /** The rows of a table, by key: content and version. */
  rows(table: string): Map<string, Last & { row: Row }> {
    const stands = new Map<string, Last & { row: Row }>();
    const all = [...(this.last.get(table) ?? [])].sort(([, a], [, b]) => compareVersions(b.version, a.version));
    for (const [key, { row, ...last }] of all) {
      if (!row || [...stands.values()].some((other) => collide(tableOf(table), other.row, row))) continue;
      stands.set(key, { ...last, row });
    }
    return stands;
  }

  #do(deed: Deed, by: Logged): void {
    if (deed.kind === 'count') return;
    const table = this.last.get(deed.table) ?? new Map<string, Last>();
    this.last.set(deed.table, table);
    const version = { time: by.time, node: by.node };
    const keys = deed.kind === 'truncate' ? [...table.keys()] : [deed.key];
    for (const key of keys) table.set(key, { version, by, row: deed.kind === 'put' ? deed.row : undefined });
  }

  /** What has one version is done at once; nothing is deleted that is not there. */
  #count(deeds: readonly Deed[]): void {
    const by = new Map<string, number>();
    for (const deed of deeds) {
      if (deed.kind === 'count') by.set(deed.content, (by.get(deed.content) ?? 0) + deed.by);
      if (deed.kind !== 'truncate' || deed.table !== 'logs') continue;
      by.clear();
      this.counts.clear();
    }
    for (const [content, number] of by) this.counts.set(content, Math.max(0, (this.counts.get(content) ?? 0) + number));
  }
}

function byVersion(order: readonly Logged[]): Logged[][] {
  const groups: Logged[][] = [];
  for (const one of order) {
    const group = groups.at(-1);
    if (group?.[0] && compareVersions(group[0], one) === 0) group.push(one);
    else groups.push([one]);
  }
  return groups;
}
