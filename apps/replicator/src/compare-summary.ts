import type { CompareReport, NodeValue, TableReport } from '@windlass/data/compare';

/** So many differences are named, of each table and in all: they are stored. */
const OF_TABLE = 100;
const IN_ALL = 500;
/** Characters of a key that are kept. */
const KEY_LENGTH = 200;

/** What is not the same; `has` is null where there is nothing. Holds keys, and no other value of a row. */
export interface Difference {
  readonly table: string;
  readonly column?: string;
  readonly what: string;
  readonly key?: readonly string[];
  readonly nodes: readonly { readonly node: string; readonly has: string | null }[];
}

export interface CompareSummary {
  readonly equal: boolean;
  readonly nodes: readonly string[];
  readonly tables: number;
  /** Rows looked at, on the node that has most. */
  readonly rows: number;
  /** Tables that are not the same. */
  readonly differingTables: readonly string[];
  readonly differences: readonly Difference[];
  /** There are more than are named. */
  readonly more: boolean;
}

type NameOf = (number: number) => string;

/** A report as it is kept. */
export function summaryOf(report: CompareReport, nameOf: NameOf): CompareSummary {
  const tables = report.tables.filter(({ equal }) => !equal);
  const found = [...schemaDifferences(report, nameOf), ...tables.flatMap((one) => ofTable(one, nameOf))];
  const counts = tables.map((one) => one.differing.length + one.contents.length);
  return {
    ...{ equal: report.equal, nodes: report.nodes.map(nameOf), tables: report.tables.length },
    rows: report.tables.reduce((sum, { rows }) => sum + rows, 0),
    differingTables: [...new Set([...report.schema, ...tables].map(({ table }) => table))].sort().slice(0, IN_ALL),
    differences: found.slice(0, IN_ALL),
    more: found.length > IN_ALL || tables.some(({ more }) => more) || counts.some((count) => count > OF_TABLE),
  };
}

const schemaDifferences = ({ schema }: CompareReport, nameOf: NameOf): Difference[] =>
  schema.map(({ table, column, what, values }) => ({
    ...{ table, what, nodes: values.map(({ node, has }) => ({ node: nameOf(node), has })) },
    ...(column !== undefined && { column }),
  }));

function ofTable(report: TableReport, nameOf: NameOf): Difference[] {
  const { table, differing, contents, unsettled, notCompared } = report;
  return [
    ...(notCompared === undefined ? [] : [{ table, what: `not compared: ${notCompared}`, nodes: [] }]),
    ...differing.slice(0, OF_TABLE).map(({ key, values }) => ({
      ...{ table, what: 'row', key: key.map((text) => text.slice(0, KEY_LENGTH)) },
      nodes: values.map((value) => ({ node: nameOf(value.node), has: textOf(value) })),
    })),
    ...contents.slice(0, OF_TABLE).map(({ content, counts }) => ({
      ...{ table, what: `rows without a key whose hash is ${content.slice(0, 16)}` },
      nodes: counts.map(({ node, rows }) => ({ node: nameOf(node), has: `${String(rows)} times` })),
    })),
    ...(unsettled > 0
      ? [{ table, what: `${String(unsettled)} changed every time they were looked at`, nodes: [] }]
      : []),
  ];
}

/** The hash tells rows apart; the row itself is not told. */
function textOf({ hash, version }: NodeValue): string | null {
  if (hash === null) return null;
  const when = version ? ` of ${new Date(version.time / 1000).toISOString()}` : '';
  return `a row with hash ${hash.slice(0, 16)}${when}`;
}
