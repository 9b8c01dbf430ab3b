import { differingCounts, differingKeysOf, suspectBuckets } from './bucketed-table.ts';
import { rowsWithHashes } from './buckets.ts';
import { confirm } from './confirm.ts';
import { valuesOfKeys } from './keys.ts';
import type { Key, Range, KeyedTable } from './ranges.ts';
import type { ContentDifference, KeyDifference, NodeValue, TableReport } from './report.ts';
import { everywhere, Pace, valuesDiffer, type Run } from './run.ts';
import { differingKeys, suspectRanges } from './sorted-table.ts';
import { nameOf, type ComparedTable } from './tables.ts';

/** How many keys are asked for in one statement. */
const KEYS_AT_ONCE = 200;

const hasKey = (table: ComparedTable): table is KeyedTable => table.key !== undefined;

/** What was found of a table so far. */
class Findings {
  readonly differing: KeyDifference[] = [];
  readonly contents: ContentDifference[] = [];
  unsettled = 0;
  more = false;

  get named(): number {
    return this.differing.length + this.contents.length;
  }
}

/** Compares one table. `onRows` hears how many rows were looked at. */
export async function compareTable(
  run: Run,
  table: ComparedTable,
  onRows: (rows: number) => void,
): Promise<TableReport> {
  const pace = new Pace(run, onRows);
  const found = new Findings();
  for await (const keys of suspects(run, table, pace, found)) {
    if (keys) await nameKeys(run, keys.table, keys.keys, found);
    if (found.named + found.unsettled >= run.limits.named) {
      found.more = true;
      break;
    }
  }
  const { differing, contents, unsettled, more } = found;
  const equal = found.named + unsettled === 0;
  return { table: nameOf(table), equal, rows: pace.rows, differing, contents, unsettled, more };
}

type Suspects = { readonly table: KeyedTable; readonly keys: readonly Key[] } | undefined;

async function* suspects(run: Run, table: ComparedTable, pace: Pace, found: Findings): AsyncGenerator<Suspects> {
  if (!hasKey(table)) return yield* countedSuspects(run, table, pace, found);
  if (table.sorted) return yield* rangeSuspects(run, table, pace);
  for await (const buckets of suspectBuckets(run, table, pace)) {
    yield { table, keys: await differingKeysOf(run, table, buckets) };
  }
}

/** Ranges are collected, then the streams pass a marker, then they are looked at again. */
async function* rangeSuspects(run: Run, table: KeyedTable, pace: Pace): AsyncGenerator<Suspects> {
  let ranges: Range[] = [];
  for await (const range of suspectRanges(run, table, pace)) {
    yield undefined;
    ranges.push(range);
    if (ranges.length < run.limits.suspects) continue;
    yield* keysOfRanges(run, table, ranges);
    ranges = [];
  }
  yield* keysOfRanges(run, table, ranges);
}

async function* keysOfRanges(run: Run, table: KeyedTable, ranges: readonly Range[]): AsyncGenerator<Suspects> {
  if (ranges.length > 0) await run.marker();
  for (const range of ranges) yield { table, keys: await differingKeys(run, table, range) };
}

/** Names those keys that differ for good. */
async function nameKeys(run: Run, table: KeyedTable, keys: readonly Key[], found: Findings): Promise<void> {
  for (let i = 0; i < keys.length && found.named < run.limits.named; i += KEYS_AT_ONCE) {
    const { differing, unsettled } = await confirm(keys.slice(i, i + KEYS_AT_ONCE), {
      look: async (asked) =>
        byThing(await everywhere(run, (session) => valuesOfKeys(session, table, asked)), asked.length),
      ...{ marker: run.marker, differs: valuesDiffer(run), rounds: run.limits.rounds },
    });
    found.differing.push(...differing.map(({ what, seen }) => ({ key: what, values: seen })));
    found.unsettled += unsettled;
  }
}

/** From a list per node to a list per thing. */
const byThing = (nodes: readonly (readonly NodeValue[])[], count: number): readonly (readonly NodeValue[])[] =>
  Array.from({ length: count }, (_, i) => nodes.flatMap((one) => one[i] ?? []));

/** Rows of a table without a key are named by their contents, and counted again after a marker. */
async function* countedSuspects(run: Run, table: ComparedTable, pace: Pace, found: Findings): AsyncGenerator<Suspects> {
  for await (const buckets of suspectBuckets(run, table, pace)) {
    let before = await differingCounts(run, table, buckets);
    for (let round = 0; round < run.limits.rounds && before.size > 0; round += 1) {
      await run.marker();
      const after = await differingCounts(run, table, buckets);
      const same = [...after].filter(([hash, counts]) => String(before.get(hash)) === String(counts));
      if (same.length === after.size) {
        await nameContents(run, table, after, found);
        before = new Map();
      } else before = after;
    }
    found.unsettled += before.size;
    yield undefined;
  }
}

async function nameContents(
  run: Run,
  table: ComparedTable,
  counts: ReadonlyMap<string, readonly number[]>,
  found: Findings,
): Promise<void> {
  const hashes = [...counts.keys()].slice(0, run.limits.named);
  const shown = await everywhere(run, (session) => rowsWithHashes(session, table, hashes));
  const rows = new Map(shown.flatMap((one) => [...one]));
  for (const content of hashes) {
    const ofNodes = (counts.get(content) ?? []).map((n, i) => ({ node: run.sessions[i]?.node.number ?? 0, rows: n }));
    found.contents.push({ content, row: rows.get(content) ?? {}, counts: ofNodes });
  }
}
