import type { KnownVersion } from '../converge/index.ts';

/** What a node has of a key. */
export interface NodeValue {
  readonly node: number;
  /** The hash of the row, hex; null when there is no row. */
  readonly hash: string | null;
  /** Of the row, or of its tombstone; absent when there is neither, or when commit times are not kept. Null: forgotten by Postgres. */
  readonly version?: KnownVersion;
}

/** A key of which nodes have different rows. */
export interface KeyDifference {
  /** Columns of the key in their order, as texts. */
  readonly key: readonly string[];
  readonly values: readonly NodeValue[];
}

/** Equal rows of a table without a key, of which nodes have different numbers. */
export interface ContentDifference {
  /** SHA-256 of the whole row, hex. */
  readonly content: string;
  /** The row, each value cut after 200 characters. */
  readonly row: Readonly<Record<string, string | null>>;
  readonly counts: readonly { readonly node: number; readonly rows: number }[];
}

/** In what a table is not the same on all nodes before any row is looked at. */
export interface SchemaDifference {
  readonly table: string;
  /** A column's name; absent when it is about the table. */
  readonly column?: string;
  readonly what: 'missing' | 'type' | 'nullable' | 'generated' | 'identity' | 'key';
  /** What each node has; null where it is missing. */
  readonly values: readonly { readonly node: number; readonly has: string | null }[];
}

export interface TableReport {
  readonly table: string;
  readonly equal: boolean;
  /** Rows looked at, on the node that has most. */
  readonly rows: number;
  readonly differing: readonly KeyDifference[];
  readonly contents: readonly ContentDifference[];
  /** Keys or contents that changed every time they were looked at. */
  readonly unsettled: number;
  /** More differ than are named. */
  readonly more: boolean;
  /** Why its rows were not compared; absent when they were. */
  readonly notCompared?: string;
}

export interface CompareReport {
  /** Same tables, same columns, same rows. */
  readonly equal: boolean;
  readonly nodes: readonly number[];
  readonly schema: readonly SchemaDifference[];
  readonly tables: readonly TableReport[];
}

export interface CompareProgress {
  readonly table: string;
  readonly tablesDone: number;
  readonly tables: number;
  /** Rows of this table looked at so far, and how many Postgres thinks there are (-1: it does not know). */
  readonly rows: number;
  readonly rowsExpected: number;
}

/** One line for each thing that is not the same: for a log, and for a test that failed. */
export function linesOf(report: CompareReport): readonly string[] {
  return [...report.schema.map(schemaLine), ...report.tables.filter(({ equal }) => !equal).flatMap(tableLines)];
}

function schemaLine({ table, column, what, values }: SchemaDifference): string {
  const where = column === undefined ? table : `${table}, column ${column}`;
  return `${where}: ${what}: ${values.map(({ node, has }) => `n${String(node)} ${has ?? 'has none'}`).join(', ')}`;
}

function tableLines(report: TableReport): readonly string[] {
  const { table, unsettled, more, notCompared } = report;
  return [
    ...(notCompared === undefined ? [] : [`${table}: rows not compared: ${notCompared}`]),
    ...report.differing.map(
      ({ key, values }) => `${table} ${JSON.stringify(key)}: ${values.map(valueText).join(', ')}`,
    ),
    ...report.contents.map(
      ({ row, counts }) =>
        `${table} ${JSON.stringify(row)}: ${counts.map(({ node, rows }) => `n${String(node)} ${String(rows)} times`).join(', ')}`,
    ),
    ...(unsettled > 0 ? [`${table}: ${String(unsettled)} changed every time they were looked at`] : []),
    ...(more ? [`${table}: and more`] : []),
  ];
}

function valueText({ node, hash, version }: NodeValue): string {
  const when =
    version === undefined ? '' : version ? ` of ${String(version.time)}/n${String(version.node)}` : ' of old';
  return `n${String(node)} ${hash === null ? 'no row' : hash.slice(0, 8)}${when}`;
}
