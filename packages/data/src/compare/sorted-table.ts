import {
  cut,
  everyNthKey,
  hashedKeys,
  keyAt,
  sumsOf,
  type HashedKey,
  type Key,
  type Range,
  type KeyedTable,
  type Sums,
} from './ranges.ts';
import { distinct, everywhere, versionIn, type Pace, type Run } from './run.ts';

const WHOLE: Range = { after: null, upTo: null };
const PARTS = 16;

const differ = (sums: readonly Sums[]): boolean => distinct(sums.map((one) => one.sums));
const most = (sums: readonly Sums[]): number => Math.max(...sums.map(({ rows }) => rows));

const allSums = (run: Run, table: KeyedTable, range: Range): Promise<readonly Sums[]> =>
  everywhere(run, (session) => sumsOf(session, table, range, versionIn(run, session, table)));

/** Where a range that begins here ends, so that no node has more rows in it than one statement may read. Null: it is the last. */
async function endOf(run: Run, table: KeyedTable, after: Key | null): Promise<Key | null> {
  let upTo: Key | null = null;
  for (const session of run.sessions) {
    upTo = (await keyAt(session, table, { after, upTo }, run.limits.rangeRows)) ?? upTo;
  }
  return upTo;
}

/** Ranges that are not the same on all nodes, as they were read. */
export async function* suspectRanges(run: Run, table: KeyedTable, pace: Pace): AsyncGenerator<Range> {
  let range = WHOLE;
  do {
    range = { after: range.upTo, upTo: await endOf(run, table, range.upTo) };
    const sums = await allSums(run, table, range);
    await pace.read(most(sums));
    if (differ(sums)) yield range;
  } while (range.upTo);
}

/** The keys in a range of which nodes have different rows now. */
export async function differingKeys(run: Run, table: KeyedTable, range: Range): Promise<readonly Key[]> {
  const sums = await allSums(run, table, range);
  if (!differ(sums)) return [];
  const parts = most(sums) > run.limits.leafRows ? await split(run, table, range, sums) : [];
  if (parts.length < 2)
    return keysThatDiffer(await everywhere(run, (one) => hashedKeys(one, table, range, versionIn(run, one, table))));
  const keys: Key[] = [];
  for (const part of parts) {
    keys.push(...(await differingKeys(run, table, part)));
    if (keys.length > run.limits.named) break;
  }
  return keys;
}

/** Parts with about as many rows each, on the node that has most. */
async function split(run: Run, table: KeyedTable, range: Range, sums: readonly Sums[]): Promise<readonly Range[]> {
  const rows = most(sums);
  const session = run.sessions[sums.findIndex((one) => one.rows === rows)];
  return session ? cut(range, await everyNthKey(session, table, range, Math.ceil(rows / PARTS))) : [];
}

/** Keys whose hash is not the same on all nodes, or is not on all. */
export function keysThatDiffer(nodes: readonly (readonly HashedKey[])[]): readonly Key[] {
  const hashes = new Map<string, { key: Key; hashes: string[] }>();
  for (const { key, hash } of nodes.flat()) {
    const text = JSON.stringify(key);
    const known = hashes.get(text);
    if (known) known.hashes.push(hash);
    else hashes.set(text, { key, hashes: [hash] });
  }
  const all = [...hashes.values()];
  return all.filter((one) => one.hashes.length !== nodes.length || distinct(one.hashes)).map(({ key }) => key);
}
