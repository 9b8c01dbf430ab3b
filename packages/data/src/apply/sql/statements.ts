import type { DescribedColumn, DescribedTable } from '../../node/index.ts';
import { inputSql, typeOf } from './input.ts';
import { identifier, literal } from '../../sql/index.ts';
import { ARRIVING, rowIsNewer, tombstoneIsNewer, type VersionSql } from './version-sql.ts';

/** What statements about a table are made from. */
export interface StatementsOf {
  readonly table: DescribedTable;
  /** The columns that arrive and are here; those of the key among them. */
  readonly columns: readonly DescribedColumn[];
  readonly versions: VersionSql;
}

export type Size = 'one' | 'many';

export const oidSql = ({ name }: DescribedTable): string => `${literal(name)}::regclass::oid`;

/** The columns whose values are part of a row. */
export const ownColumns = ({ columns }: DescribedTable): DescribedColumn[] =>
  columns.filter(({ generated }) => generated === null);

/** A parameter of the type of a column; the type without its modifier, or a value would be cut. */
export function valueSql({ columns }: DescribedTable, column: string, number: number): string {
  return `$${String(number)}::${columns.find(({ name }) => name === column)?.baseType ?? 'text'}`;
}

export const equalsOf = ({ columns }: DescribedTable, column: string): string =>
  columns.find(({ name }) => name === column)?.equals ?? '=';

/** True of a row `t` that has in these columns the values `$1`, `$2`, … */
export const hasValues = (table: DescribedTable, columns: readonly string[]): string =>
  columns
    .map((name, i) => `t.${identifier(name)} ${equalsOf(table, name)} ${valueSql(table, name, i + 1)}`)
    .join(' AND ');

/** Equality of the key of the row here with that of the input, whose first columns it has. */
export function sameKey(table: DescribedTable, row: string): string {
  return table.key
    .map((name, i) => `${row}.${identifier(name)} ${equalsOf(table, name)} i.c${String(i + 1)}`)
    .join(' AND ');
}

/** True where a newer tombstone, of the key or of the whole table, forbids the row. */
function isForbidden({ table, versions }: StatementsOf): string {
  const oid = oidSql(table);
  return `EXISTS (SELECT FROM windlass.tombstone d WHERE d.relation = ${oid} AND d.key = i.key AND ${tombstoneIsNewer(versions, 'd')})
    OR EXISTS (SELECT FROM windlass.table_tombstone d WHERE d.relation = ${oid} AND ${tombstoneIsNewer(versions, 'd')})`;
}

/** Key columns first, as the statements about keys have them. */
export function keyFirst({ table, columns }: Pick<StatementsOf, 'table' | 'columns'>): DescribedColumn[] {
  const byName = new Map(columns.map((column) => [column.name, column]));
  const key = table.key.flatMap((name) => byName.get(name) ?? []);
  return [...key, ...columns.filter(({ name }) => !table.key.includes(name))];
}

/**
 * Writes rows that arrived, inserts and updates alike, where nothing newer is there: compared under the lock of the row. Key columns are set, too: equal
 * values may be written in several ways (`1.0`, `1.00`).
 */
export function upsertSql(of: StatementsOf, size: Size): string {
  const { table, versions } = of;
  const columns = keyFirst(of);
  const names = columns.map(({ name }) => identifier(name));
  const sets = columns.filter(({ identity }) => identity !== 'always').map(({ name }) => identifier(name));
  const conflict =
    sets.length === 0
      ? 'DO NOTHING'
      : `DO UPDATE SET ${sets.map((name) => `${name} = excluded.${name}`).join(', ')} WHERE NOT ${rowIsNewer(versions, 't')}`;
  return `INSERT INTO ${table.name} AS t (${names.join(', ')}) OVERRIDING SYSTEM VALUE
    SELECT ${columns.map((_, i) => `i.c${String(i + 1)}`).join(', ')} FROM ${inputSql(columns.map(typeOf), size)}
    WHERE NOT (${isForbidden(of)})
    ON CONFLICT (${table.key.map(identifier).join(', ')}) ${conflict}`;
}

/**
 * Before the upsert of a table with a column GENERATED ALWAYS AS IDENTITY beside the key: no UPDATE can set that, so a row that has
 * another value there is made anew.
 */
export function renumberSql(of: StatementsOf, size: Size): string | undefined {
  const columns = keyFirst(of);
  const fixed = columns.flatMap(({ name, identity }, i) =>
    identity === 'always' && !of.table.key.includes(name)
      ? [`t.${identifier(name)} IS DISTINCT FROM i.c${String(i + 1)}`]
      : [],
  );
  if (fixed.length === 0) return undefined;
  return `DELETE FROM ${of.table.name} t USING ${inputSql(columns.map(typeOf), size)}
    WHERE ${sameKey(of.table, 't')} AND (${fixed.join(' OR ')}) AND NOT ${rowIsNewer(of.versions, 't')} AND NOT (${isForbidden(of)})`;
}

/**
 * Others are running that began to write before this transaction did. (Who begins later takes its commit time later, and this node's clock is past that of the delete
 * already. In a snapshot alone they need not be seen: it knows those below the last that has ended.)
 */
const OWN = 'pg_catalog.pg_current_xact_id()';
const SOMEBODY_RUNS = `pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) < ${OWN}`;

/**
 * Removes rows that are not newer, and leaves a tombstone of each key. A key without a row is looked at again when every transaction has
 * ended that runs now.
 */
export function deleteSql({ table, columns, versions }: StatementsOf, size: Size): string {
  const key = keyFirst({ table, columns }).slice(0, table.key.length);
  const oid = oidSql(table);
  const arriving = `${oid}, i.key, ${ARRIVING.time}, ${ARRIVING.node}`;
  return `WITH i AS MATERIALIZED (SELECT * FROM ${inputSql(key.map(typeOf), size)}),
    gone AS (DELETE FROM ${table.name} t USING i WHERE ${sameKey(table, 't')} AND NOT ${rowIsNewer(versions, 't')}),
    late AS (INSERT INTO windlass.late_recheck (relation, key, time, node, horizon)
      SELECT ${oid}, coalesce(i.note, i.key), ${ARRIVING.time}, ${ARRIVING.node}, ${OWN} FROM i
      WHERE ${SOMEBODY_RUNS} AND NOT EXISTS (SELECT FROM ${table.name} t WHERE ${sameKey(table, 't')}))
    INSERT INTO windlass.tombstone AS d (relation, key, time, node) SELECT ${arriving} FROM i
    ON CONFLICT (relation, key) DO UPDATE SET time = excluded.time, node = excluded.node WHERE NOT ${tombstoneIsNewer(versions, 'd')}`;
}
