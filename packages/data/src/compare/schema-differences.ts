import { distinct } from './run.ts';
import { nameOf, type ComparedTable, type FoundColumn, type FoundTable, type NodeTables } from './tables.ts';
import type { SchemaDifference } from './report.ts';

/** A table with what every node has of it; undefined where it is missing. */
type Everywhere<T> = readonly { readonly node: number; readonly found: T | undefined }[];

type What = SchemaDifference['what'];

const COLUMN_FACTS: readonly (readonly [What, (column: FoundColumn) => string])[] = [
  ['type', ({ type }) => type],
  ['nullable', ({ notNull }) => (notNull ? 'NOT NULL' : 'NULL')],
  ['generated', ({ generated }) => generated || 'no'],
  ['identity', ({ identity }) => identity || 'no'],
];

const keyText = ({ key }: FoundTable): string => (key ? JSON.stringify(key) : 'none');

function byName<T>(lists: readonly { readonly node: number; readonly list: readonly T[] }[], name: (one: T) => string) {
  const maps = lists.map(({ node, list }) => ({ node, map: new Map(list.map((one) => [name(one), one])) }));
  const names = [...new Set(maps.flatMap(({ map }) => [...map.keys()]))].sort();
  return names.map((one) => [one, maps.map(({ node, map }) => ({ node, found: map.get(one) }))] as const);
}

function differsIn<T>(what: What, all: Everywhere<T>, textOf: (one: T) => string): Omit<SchemaDifference, 'table'>[] {
  const values = all.map(({ node, found }) => ({ node, has: found === undefined ? null : textOf(found) }));
  return distinct(values.map(({ has }) => has)) ? [{ what, values }] : [];
}

function columnDifferences(column: string, all: Everywhere<FoundColumn>): Omit<SchemaDifference, 'table'>[] {
  const missing = differsIn('missing', all, () => 'has it');
  const here = all.filter(({ found }) => found !== undefined);
  return [...missing, ...COLUMN_FACTS.flatMap(([what, textOf]) => differsIn(what, here, textOf))].map((one) => ({
    ...one,
    column,
  }));
}

const columnsOf = (tables: Everywhere<FoundTable>) =>
  byName(
    tables.flatMap(({ node, found }) => (found ? [{ node, list: found.columns }] : [])),
    ({ name }) => name,
  );

/** In what the nodes' tables differ, by table. */
export function schemaDifferences(nodes: readonly NodeTables[]): readonly SchemaDifference[] {
  return tablesOf(nodes).flatMap(([table, all]) => {
    const about = [
      ...differsIn('missing', all, () => 'has it'),
      ...differsIn(
        'key',
        all.filter(({ found }) => found),
        keyText,
      ),
    ];
    const columns = columnsOf(all).flatMap(([column, found]) => columnDifferences(column, found));
    return [...about, ...columns].map((one) => ({ table, ...one }));
  });
}

const tablesOf = (nodes: readonly NodeTables[]) =>
  byName(
    nodes.map(({ node, tables }) => ({ node, list: tables })),
    nameOf,
  );

/** What can be compared of each table: the columns all nodes have. A string says why its rows cannot. */
export function comparable(nodes: readonly NodeTables[]): readonly (readonly [string, ComparedTable | string])[] {
  return tablesOf(nodes).map(([name, all]) => {
    const found = all.flatMap((one) => (one.found ? [one.found] : []));
    const [first] = found;
    if (!first || found.length < all.length) return [name, 'it is not on every node'];
    if (distinct(found.map(keyText))) return [name, 'its key is not the same on every node'];
    return [name, inCommon(first, found)];
  });
}

function inCommon(first: FoundTable, all: readonly FoundTable[]): ComparedTable {
  const common = first.columns.filter(({ name }) =>
    all.every(({ columns }) => columns.some((one) => one.name === name)),
  );
  const keyColumns = first.key
    ?.map((name) => common.find((one) => one.name === name))
    .filter((one) => one !== undefined);
  return {
    schema: first.schema,
    name: first.name,
    columns: common.map(({ name }) => name),
    key: keyColumns?.map(({ name, type }) => ({ name, type })),
    settable: common.find(({ generated, identity }) => generated === '' && identity !== 'a')?.name,
    sorted: keyColumns?.every(({ name }) => sortsAlike(name, all)) ?? false,
    rowsExpected: Math.max(...all.map(({ rowsExpected }) => rowsExpected)),
  };
}

function sortsAlike(column: string, all: readonly FoundTable[]): boolean {
  const orders = all.map(({ columns }) => columns.find(({ name }) => name === column)?.order ?? null);
  return orders[0] !== null && !distinct(orders);
}
