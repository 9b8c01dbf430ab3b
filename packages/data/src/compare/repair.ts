import { openAll } from './compare.ts';
import { authorityOf, newestTime, type AppliedBy, type From } from './authority.ts';
import { valuesOfKeys } from './keys.ts';
import { distinct } from './run.ts';
import { comparable } from './schema-differences.ts';
import { nameOf, readTables, type ComparedTable } from './tables.ts';
import { clockPast, deleteRow, writeAgain, type Written } from './repair-writes.ts';
import type { ComparedNode, NodeSession } from './node-session.ts';
import type { Key, KeyedTable } from './ranges.ts';
import type { NodeValue, TableReport } from './report.ts';

export interface RepairOptions {
  readonly nodes: readonly ComparedNode[];
  /** What `compare` said of the tables to repair. */
  readonly tables: readonly TableReport[];
  readonly from: From;
  /** What each node has applied; for `newest`. */
  readonly applied: AppliedBy;
  readonly marker: (signal?: AbortSignal) => Promise<void>;
  readonly onProgress?: (progress: { readonly table: string; readonly done: number; readonly keys: number }) => void;
  readonly signal?: AbortSignal;
}

export interface RepairReport {
  /** Keys that were written again or deleted on the node that is said, from where it goes to all. */
  readonly repaired: readonly {
    readonly table: string;
    readonly key: Key;
    readonly node: number;
    readonly what: Written;
  }[];
  /** What was left as it is, and why. */
  readonly left: readonly { readonly table: string; readonly key: Key; readonly why: string }[];
}

/**
 * Makes nodes equal where they differ, with one ordinary transaction for each key, on one node: the right row is written once more as it is, or
 * a row that is wrong to be there is deleted. Its version is a new one and newer than what any node has of the key, so to the rules of
 * convergence it is a user's last write, which wins on all nodes whatever else is going on; a user who writes later wins over it. No origin
 * is used: those are the appliers'. Triggers and foreign keys do nothing about it, as nothing of what users see has changed. What a table
 * brings along by itself (expressions of its columns, indexes and checks) runs with the rights of its owner, as with an applier.
 */
export async function repair(options: RepairOptions): Promise<RepairReport> {
  const sessions = await openAll(options);
  const done: Done = { repaired: [], left: [] };
  try {
    for (const session of sessions) await session.beginWriting();
    const tables = new Map(comparable(await readTables(sessions)));
    for (const report of options.tables) await repairTable(options, sessions, tables.get(report.table), report, done);
    return done;
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

interface Done {
  readonly repaired: RepairReport['repaired'][number][];
  readonly left: RepairReport['left'][number][];
}

async function repairTable(
  options: RepairOptions,
  sessions: readonly NodeSession[],
  table: ComparedTable | string | undefined,
  report: TableReport,
  done: Done,
): Promise<void> {
  const keys = report.differing.map(({ key }) => key);
  const leave = (key: Key, why: string): unknown => done.left.push({ table: report.table, key, why });
  if (!isKeyed(table)) {
    const why = typeof table === 'string' ? table : table ? 'the table has no key: rebuild it' : 'the table is gone';
    return void (report.equal || [leave([], why)]);
  }
  for (const [i, key] of keys.entries()) {
    const result = await repairKey(options, sessions, table, key);
    if ('why' in result) leave(key, result.why);
    else done.repaired.push({ table: nameOf(table), key, ...result });
    options.onProgress?.({ table: report.table, done: i + 1, keys: keys.length });
  }
  await options.marker(options.signal);
  await stillDifferent(sessions, table, keys, leave);
}

const isKeyed = (table: ComparedTable | string | undefined): table is KeyedTable =>
  typeof table === 'object' && table.key !== undefined;

type KeyResult = { readonly node: number; readonly what: Written } | { readonly why: string };

async function repairKey(
  { from, applied }: RepairOptions,
  sessions: readonly NodeSession[],
  table: KeyedTable,
  key: Key,
): Promise<KeyResult> {
  const values = (await Promise.all(sessions.map((one) => valuesOfKeys(one, table, [key])))).flat();
  const right = authorityOf(values, from, applied);
  if (!right) return { why: `n${String(from)} is not one of the nodes` };
  const place = right.hash === null ? newestRow(values) : right;
  const session = sessions.find(({ node }) => node.number === place?.node);
  if (!session || !place) return { why: 'no node has it any more' };
  const late = await clockPast(session, newestTime(values));
  if (late !== undefined) return { why: late };
  const written = right.hash === null ? deleteRow(session, table, key, place) : writeAgain(session, table, key);
  return { node: place.node, ...(await written) };
}

/** Of those who have a row, who has the newest. */
const newestRow = (values: readonly NodeValue[]): NodeValue | undefined =>
  values.filter(({ hash }) => hash !== null).sort((a, b) => (b.version?.time ?? 0) - (a.version?.time ?? 0))[0];

async function stillDifferent(
  sessions: readonly NodeSession[],
  table: KeyedTable,
  keys: readonly Key[],
  leave: (key: Key, why: string) => unknown,
): Promise<void> {
  const nodes = await Promise.all(sessions.map((one) => valuesOfKeys(one, table, keys)));
  for (const [i, key] of keys.entries()) {
    if (distinct(nodes.map((values) => values[i]?.hash))) leave(key, 'it still differs: compare again');
  }
}
