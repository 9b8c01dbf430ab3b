import { computedColumn, type ComputedIndex, type DescribedIndex, type DescribedTable } from '../../node/index.ts';
import { identifier } from '../../sql/index.ts';
import { outputSql, textsSql } from './output.ts';
import { oidSql, ownColumns, valueSql } from './statements.ts';

type Computed = DescribedIndex & { readonly computed: ComputedIndex };

/** The unique indexes of which the server has to be asked what a row is in them. */
export const computedIndexes = ({ uniqueIndexes }: DescribedTable): Computed[] =>
  uniqueIndexes.filter((one): one is Computed => one.computed !== null && one.valid);

/** A row source of this one row of the table's type, named as the table: so what the catalogue says of its columns can be read again. */
const source = ({ relation }: DescribedTable, row: string): string =>
  `pg_catalog.unnest(ARRAY[${row}]) AS ${identifier(relation)}`;

/** The row `t` of the table. */
const HERE = 't.*';

/** A row of the table's type of these values: `$1`, `$2`, … in the order of its own columns; what is generated is made from them. */
function rowSql(table: DescribedTable): string {
  const own = ownColumns(table).map(({ name }) => name);
  const written = ({ name }: { readonly name: string }): string => valueSql(table, name, own.indexOf(name) + 1);
  const rowOf = (values: readonly string[]): string => `ROW(${values.join(', ')})::${table.name}`;
  const sent = rowOf(table.columns.map((one) => (one.generated === null ? written(one) : 'NULL')));
  if (table.generated.length === 0) return sent;
  const all = table.columns.map(({ name, expression }) => (expression === null ? identifier(name) : `(${expression})`));
  return `(SELECT ${rowOf(all)} FROM ${source(table, sent)})`;
}

/** One text for rows that collide; NULL where the row collides with nothing. Hashes are of 64 bits. */
function textSql({ computed: { parts, hashable, condition }, nullsNotDistinct }: Computed): string {
  const values = parts.map(({ sql }) => sql);
  const text = hashable
    ? `pg_catalog.hash_record_extended(ROW(${values.join(', ')}), 0)::text`
    : textsSql(values.map(outputSql));
  const counts = [
    ...(condition === null ? [] : [`(${condition})`]),
    ...(nullsNotDistinct ? [] : [`pg_catalog.num_nulls(${values.join(', ')}) = 0`]),
  ];
  return counts.length === 0 ? text : `CASE WHEN ${counts.join(' AND ')} THEN ${text} END`;
}

/** What a row `t` of the table is in each computed index. */
export const computedHere = (table: DescribedTable): string[] =>
  computedIndexes(table).map((one) => `(SELECT ${textSql(one)} FROM ${source(table, HERE)})`);

/** The same of a row that is not in the table, as the text of one JSON array: its values are `$1`, `$2`, … */
export const computedSql = (table: DescribedTable): string =>
  `SELECT ${textsSql(computedIndexes(table).map(textSql))} FROM ${source(table, rowSql(table))}`;

/** True of a row `t` that collides in this index with the row of these values. The index finds it, so its condition and its expressions stand there as they are. */
export function collidesSql(table: DescribedTable, column: string): string {
  const index = computedIndexes(table).find((one) => computedColumn(one) === column);
  if (!index) throw new Error(`${table.name} has no index "${column}"`);
  const { parts, condition } = index.computed;
  const [there, here] = [parts.map((_, i) => `"="."=${String(i)}"`), parts.map(({ sql }) => sql)];
  const same = parts.map(({ equals }, i) => {
    const [a, b] = [here[i] ?? '', there[i] ?? ''];
    const both = `${a} ${equals} ${b}`;
    return index.nullsNotDistinct ? `(${both} OR pg_catalog.num_nulls(${a}, ${b}) = 2)` : both;
  });
  const row = `(SELECT ${here.map((sql, i) => `${sql} AS "=${String(i)}"`).join(', ')} FROM ${source(table, rowSql(table))}) AS "="`;
  const name = identifier(table.relation);
  return `t.tableoid = ${oidSql(table)} AND t.ctid = ANY (ARRAY(SELECT ${name}.ctid FROM ONLY ${table.name} AS ${name}, ${row}
    WHERE ${[...(condition === null ? [] : [`(${condition})`]), ...same].join(' AND ')}))`;
}
