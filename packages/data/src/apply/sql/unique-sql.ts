import { recordsSql } from './conflict-sql.ts';
import { collidesSql, computedHere } from './computed-sql.ts';
import { inexactOf, oneTextSql } from '../key-rows.ts';
import { outputSql, textsSql } from './output.ts';
import { identifier, literal } from '../../sql/index.ts';
import { equalsOf, hasValues, oidSql, ownColumns, valueSql, type StatementsOf } from './statements.ts';
import { tombstoneNode, tombstoneTime } from './version-sql.ts';

const micros = (time: string): string => `(extract(epoch FROM ${time}) * 1000000)::bigint::text`;
/** Microseconds since 1970 as a time, without rounding. */
const timeOf = (value: string): string =>
  `('1970-01-01 00:00:00+00'::timestamptz + interval '1 microsecond' * (${value})::bigint)`;

/** Rows with their versions, each as the text of a JSON array: all columns that are not generated in their order, then the one text of those of the key that have several, what it is in each computed index, time, node, and whether this transaction wrote it. */
function rowsSql({ table, versions }: StatementsOf, where: string): string {
  const columns = ownColumns(table).map(({ name }) => outputSql(`t.${identifier(name)}`));
  const version = [micros(versions.time('t.xmin')), `${versions.node('t.xmin')}::text`];
  const own = '(t.xmin = pg_catalog.pg_current_xact_id_if_assigned()::xid)::text';
  const keys = inexactOf(table).map(({ name, kind }) => oneTextSql(name, kind));
  return `SELECT ${textsSql([...columns, ...keys, ...computedHere(table), ...version, own])} FROM ${table.name} t WHERE ${where}`;
}

/** The row that has these values in these columns: `$1`, `$2`, …; `nulls`: those of them that are NULL. */
export const rowByValuesSql = (of: StatementsOf, columns: readonly string[], nulls: readonly string[]): string =>
  rowsSql(
    of,
    [
      ...(nulls.length < columns.length
        ? [
            hasValues(
              of.table,
              columns.filter((name) => !nulls.includes(name)),
            ),
          ]
        : []),
      ...nulls.map((name) => `t.${identifier(name)} IS NOT DISTINCT FROM NULL`),
    ].join(' AND '),
  );

/** The rows that collide, in this computed index, with one of these values: all of its own columns. */
export const rowByComputedSql = (of: StatementsOf, column: string): string =>
  rowsSql(of, collidesSql(of.table, column));

export const parkedSql = ({ table }: StatementsOf): string =>
  `SELECT key, "row"::text, ${micros('time')}, node::text FROM windlass.parked WHERE relation = ${oidSql(table)}`;

/** Of some keys; and, with a key that is NULL, of the whole table. */
export function tombstonesSql({ table, versions }: StatementsOf): string {
  const version = `${micros(tombstoneTime(versions, 'd'))}, ${tombstoneNode(versions, 'd')}::text`;
  return `SELECT d.key, ${version} FROM windlass.tombstone d WHERE d.relation = ${oidSql(table)} AND d.key = ANY ($1::text[])
    UNION ALL SELECT NULL, ${version} FROM windlass.table_tombstone d WHERE d.relation = ${oidSql(table)}`;
}

/** Removes a row by its key: `$1`, `$2`, … */
export const removeSql = ({ table }: StatementsOf): string =>
  `DELETE FROM ${table.name} t WHERE ${hasValues(table, table.key)}`;

/** Sets these columns of a row to `$1`, `$2`, …, the key among them. */
export function updateSql({ table }: StatementsOf, columns: readonly string[]): string {
  const isFixed = (name: string): boolean =>
    table.columns.some((one) => one.name === name && one.identity === 'always');
  const places = columns.map((name, i) => ({ name, value: valueSql(table, name, i + 1) }));
  const sets = places.filter(({ name }) => !isFixed(name)).map(({ name, value }) => `${identifier(name)} = ${value}`);
  const keys = places.filter(({ name }) => table.key.includes(name));
  return `UPDATE ${table.name} t SET ${sets.join(', ')} WHERE ${keys.map(({ name, value }) => `t.${identifier(name)} ${equalsOf(table, name)} ${value}`).join(' AND ')}`;
}

/** Puts in a row with these columns: `$1`, `$2`, … */
export function insertSql({ table }: StatementsOf, columns: readonly string[]): string {
  const values = columns.map((name, i) => valueSql(table, name, i + 1));
  return `INSERT INTO ${table.name} (${columns.map(identifier).join(', ')}) OVERRIDING SYSTEM VALUE VALUES (${values.join(', ')})`;
}

/** `$1` the key, `$2` the row, `$3` and `$4` its version. */
export const parkSql = ({ table }: StatementsOf): string =>
  `INSERT INTO windlass.parked (relation, key, "row", time, node) VALUES (${oidSql(table)}, $1, $2::jsonb, ${timeOf('$3')}, $4::int)
    ON CONFLICT (relation, key) DO UPDATE SET "row" = excluded."row", time = excluded.time, node = excluded.node`;

export const unparkSql = ({ table }: StatementsOf): string =>
  `DELETE FROM windlass.parked WHERE relation = ${oidSql(table)} AND key = $1`;

/** `$1` the key, `$2` and `$3` the version; NULL: that of this transaction of this node. */
export const buryFromMemorySql = ({ table }: StatementsOf): string =>
  `INSERT INTO windlass.tombstone (relation, key, time, node) VALUES (${oidSql(table)}, $1, ${timeOf('$2')}, $3::int)
    ON CONFLICT (relation, key) DO UPDATE SET time = excluded.time, node = excluded.node`;

/** Says to the others that this node deletes a row that is parked: no row of its table says so. The note itself goes at once. `$1` the key. */
export const noteRemovalSql = ({ table }: StatementsOf): string =>
  `INSERT INTO windlass.removal ("schema", name, key) VALUES (${literal(table.schema)}, ${literal(table.relation)}, $1)`;
export const FORGET_REMOVAL = 'DELETE FROM windlass.removal';

/** `$1` key, `$2` to `$5` both versions, `$6` what it lost to, `$7` the row that arrived, `$8` the row here. */
export const recordSql = ({ table }: StatementsOf): string =>
  recordsSql(
    `VALUES (${literal(table.name)}, $1, ${timeOf('$2')}, $3::int, ${timeOf('$4')}, $5::int, $6, $7::jsonb, $8::jsonb)`,
  );
