import { compareVersions } from '../../converge/version.ts';
import { numberOf } from '../../converge/tally.ts';
import type { SimNode } from './sim-node.ts';
import type { World } from './world.ts';

/** Where two nodes have not the same, as users see it; undefined when all are equal. */
export function differ(world: World): string | undefined {
  const [first, ...others] = world.living();
  for (const other of others) {
    const where = first && (rowsDiffer(first, other) ?? rowsDiffer(other, first) ?? countsDiffer(first, other));
    if (where) return where;
  }
  return undefined;
}

function rowsDiffer(a: SimNode, b: SimNode): string | undefined {
  for (const [table, { rows }] of a.data.tables)
    for (const [key, row] of rows) {
      const other = b.data.of(table).rows.get(key);
      const name = `${table} ${key} of n${String(a.number)} and n${String(b.number)}`;
      if (row.parked) continue;
      if (!other || other.parked) return `${name}: there, and missing`;
      if (contentOf(row.row) !== contentOf(other.row)) return `${name}: ${contentOf(row.row)}, ${contentOf(other.row)}`;
      if (row.version && other.version && compareVersions(row.version, other.version) !== 0)
        return `${name}: other versions`;
    }
  return undefined;
}

function contentOf(row: Readonly<Record<string, string | null>>): string {
  return Object.keys(row)
    .sort()
    .map((column) => `${column}=${String(row[column])}`)
    .join(' ');
}

function countsDiffer(a: SimNode, b: SimNode): string | undefined {
  const [ours, theirs] = [a.data.of('logs').tallies, b.data.of('logs').tallies];
  for (const content of new Set([...ours.keys(), ...theirs.keys()])) {
    const [x, y] = [ours.get(content), theirs.get(content)].map((tally) => (tally ? numberOf(tally) : 0));
    if (x !== y)
      return `logs ${content}: ${String(x)} times on n${String(a.number)}, ${String(y)} on n${String(b.number)}`;
  }
  return undefined;
}
