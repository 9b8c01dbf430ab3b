import { NodeSession, type ComparedNode } from './node-session.ts';
import { COMPARE_LIMITS, type CompareLimits, type Run } from './run.ts';
import { comparable, schemaDifferences } from './schema-differences.ts';
import { compareTable } from './table-report.ts';
import { readTables, type ComparedTable } from './tables.ts';
import type { CompareProgress, CompareReport, SchemaDifference, TableReport } from './report.ts';

export interface CompareOptions {
  readonly nodes: readonly ComparedNode[];
  /** Resolves when everything that was committed on any node before is applied on all. Rejects when that takes too long. */
  readonly marker: (signal?: AbortSignal) => Promise<void>;
  /** `schema.name` of those to compare; absent: all. */
  readonly tables?: readonly string[];
  /** Versions must be equal, too. Not after a node was copied by rows, or Postgres has forgotten commit times. */
  readonly withVersions?: boolean;
  readonly limits?: Partial<CompareLimits>;
  readonly onProgress?: (progress: CompareProgress) => void;
  /** Ends the comparison, also in the middle of a statement. */
  readonly signal?: AbortSignal;
}

/**
 * Compares the tables of nodes while they are written to. What differs is looked at again after the streams have passed a marker, so what is
 * only on its way is not reported. Parked rows and tombstones are no rows of a table; columns that Postgres makes count.
 */
export async function compare(options: CompareOptions): Promise<CompareReport> {
  const sessions = await openAll(options);
  try {
    const { marker, signal, limits, withVersions = false } = options;
    const run = {
      sessions,
      limits: { ...COMPARE_LIMITS, ...limits },
      withVersions,
      signal,
      marker: () => marker(signal),
    };
    return await compareIn(run, options);
  } finally {
    await Promise.all(sessions.map((session) => session.close()));
  }
}

export async function openAll({
  nodes,
  signal,
}: Pick<CompareOptions, 'nodes' | 'signal'>): Promise<readonly NodeSession[]> {
  const opened = await Promise.allSettled(nodes.map((node) => NodeSession.open(node, signal)));
  const sessions = opened.flatMap((one) => (one.status === 'fulfilled' ? [one.value] : []));
  const failed = opened.find((one) => one.status === 'rejected');
  if (!failed) return sessions;
  await Promise.all(sessions.map((session) => session.close()));
  throw failed.reason;
}

async function compareIn(run: Run, options: CompareOptions): Promise<CompareReport> {
  const wanted = (table: string): boolean => options.tables?.includes(table) ?? true;
  const found = await schemas(run);
  const schema = found.differences.filter(({ table }) => wanted(table));
  const chosen = found.tables.filter(([table]) => wanted(table));
  const tables: TableReport[] = [];
  for (const [name, table] of chosen) {
    const told = { table: name, tablesDone: tables.length, tables: chosen.length };
    const rowsExpected = typeof table === 'string' ? 0 : table.rowsExpected;
    const onRows = (rows: number): void => options.onProgress?.({ ...told, rows, rowsExpected });
    onRows(0);
    tables.push(typeof table === 'string' ? notCompared(name, table) : await compareOne(run, name, table, onRows));
  }
  const equal = schema.length === 0 && tables.every((one) => one.equal);
  return { equal, nodes: run.sessions.map(({ node }) => node.number), schema, tables };
}

interface Schemas {
  readonly differences: readonly SchemaDifference[];
  readonly tables: readonly (readonly [string, ComparedTable | string])[];
}

/** A table that was made or changed a moment ago is not on every node yet: what differs is looked at again after a marker. */
async function schemas(run: Run): Promise<Schemas> {
  const first = await readSchemas(run);
  if (first.differences.length === 0) return first;
  await run.marker();
  return readSchemas(run);
}

async function readSchemas({ sessions }: Run): Promise<Schemas> {
  const nodes = await readTables(sessions);
  return { differences: schemaDifferences(nodes), tables: comparable(nodes) };
}

const notCompared = (table: string, why: string): TableReport => ({
  ...{ table, equal: false, rows: 0, differing: [], contents: [], unsettled: 0, more: false },
  notCompared: why,
});

/** SQLSTATEs of a table that was dropped or changed, or is locked for long. */
const CHANGED = new Set(['42P01', '42703', '42704', '42804', '42883', '3F000', '55P03']);

async function compareOne(
  run: Run,
  name: string,
  table: ComparedTable,
  onRows: (rows: number) => void,
): Promise<TableReport> {
  try {
    return await compareTable(run, table, onRows);
  } catch (err) {
    if (err instanceof Error && 'code' in err && CHANGED.has(String(err.code))) return notCompared(name, err.message);
    throw err;
  }
}
