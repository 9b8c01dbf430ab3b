import { bucketSums, countsOfBuckets, keysOfBuckets } from './buckets.ts';
import type { Key, Sums } from './ranges.ts';
import { distinct, everywhere, versionIn, type Pace, type Run } from './run.ts';
import { keysThatDiffer } from './sorted-table.ts';
import type { ComparedTable } from './tables.ts';

/** Of buckets that differ, keys of about so many rows are in memory at once; one bucket always. */
const ROWS_AT_ONCE = 20_000;

interface Bucket {
  readonly bucket: number;
  /** On the node that has most. */
  readonly rows: number;
}

/** Buckets that are not the same on all nodes. Reads the whole table once. */
async function differingBuckets(
  run: Run,
  table: ComparedTable,
  only?: readonly number[],
  pace?: Pace,
): Promise<readonly Bucket[]> {
  const nodes = await everywhere(run, (session) => bucketSums(session, table, only, versionIn(run, session, table)));
  await pace?.read(Math.max(...nodes.map(rowsOf)));
  const all = [...new Set(nodes.flatMap((one) => [...one.keys()]))];
  return all
    .filter((bucket) => distinct(nodes.map((one) => one.get(bucket)?.sums)))
    .map((bucket) => ({ bucket, rows: Math.max(...nodes.map((one) => one.get(bucket)?.rows ?? 0)) }));
}

const rowsOf = (sums: ReadonlyMap<number, Sums>): number => [...sums.values()].reduce((sum, { rows }) => sum + rows, 0);

/** Buckets that still differ when all that was on its way has arrived, some at a time; nothing when all nodes are the same. */
export async function* suspectBuckets(run: Run, table: ComparedTable, pace: Pace): AsyncGenerator<readonly number[]> {
  const first = await differingBuckets(run, table, undefined, pace);
  if (first.length === 0) return;
  await run.marker();
  const still = await differingBuckets(run, table, numbersOf(first));
  yield* together(still);
}

const numbersOf = (buckets: readonly Bucket[]): readonly number[] => buckets.map(({ bucket }) => bucket);

/** As many at a time as fit in memory. */
function* together(buckets: readonly Bucket[]): Generator<readonly number[]> {
  let some: Bucket[] = [];
  let sum = 0;
  for (const bucket of buckets) {
    if (some.length > 0 && sum + bucket.rows > ROWS_AT_ONCE) {
      yield numbersOf(some);
      [some, sum] = [[], 0];
    }
    some.push(bucket);
    sum += bucket.rows;
  }
  if (some.length > 0) yield numbersOf(some);
}

export async function differingKeysOf(
  run: Run,
  table: ComparedTable,
  buckets: readonly number[],
): Promise<readonly Key[]> {
  return keysThatDiffer(await everywhere(run, (one) => keysOfBuckets(one, table, buckets, versionIn(run, one, table))));
}

/** How often each node has each row of these buckets, by hash, in the order of nodes; only of those that differ. */
export async function differingCounts(
  run: Run,
  table: ComparedTable,
  buckets: readonly number[],
): Promise<ReadonlyMap<string, readonly number[]>> {
  const nodes = await everywhere(run, (one) => countsOfBuckets(one, table, buckets));
  const all = [...new Set(nodes.flatMap((one) => [...one.keys()]))];
  const counts = all.map((hash) => [hash, nodes.map((one) => one.get(hash) ?? 0)] as const);
  return new Map(counts.filter(([, ofNodes]) => distinct(ofNodes)));
}
