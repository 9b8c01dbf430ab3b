import { identifier } from '../../sql/index.ts';
import { inputSql, typeOf } from './input.ts';
import { outputSql, textsSql } from './output.ts';
import { oidSql, type StatementsOf } from './statements.ts';
import { tombstoneNode, tombstoneTime } from './version-sql.ts';

type Of = Pick<StatementsOf, 'table'>;

/** After the lock of the table: who counts there as well takes them in this order. */
export const LOCK_TALLIES = 'LOCK TABLE windlass.tally IN SHARE ROW EXCLUSIVE MODE';

/** Counts what users of this node did until now. */
export const foldSql = ({ table }: Of): string => `SELECT windlass.fold(${oidSql(table)}, 2147483647)`;

/** The content of a row `t`: as triggers write it, and `contentOf`. */
function contentSql({ table }: Of): string {
  const texts = table.content.map(
    (name) => `coalesce(pg_catalog.to_json(${outputSql(`t.${identifier(name)}`)})::text, 'null')`,
  );
  return `'[' || ${texts.length > 0 ? texts.join(` || ',' || `) : `''`} || ']'`;
}

/** What is counted of some contents (`$1`): content, what was certain, what happened since. */
export const talliesSql = ({ table }: Of): string =>
  `SELECT d.content, d.certain::text, d.since::text FROM unnest($1::text[]) u(content)
    JOIN windlass.tally d ON d.content = u.content AND d.relation = ${oidSql(table)}`;

/** The same of all. */
export const allTalliesSql = ({ table }: Of): string =>
  `SELECT content, certain::text, since::text FROM windlass.tally WHERE relation = ${oidSql(table)}`;

/** Whether anything is counted of a transaction with this time (`$1`) and node (`$2`). */
export const isCountedSql = ({ table }: Of): string =>
  `SELECT 1 FROM windlass.tally WHERE relation = ${oidSql(table)}
    AND since @> pg_catalog.jsonb_build_array(pg_catalog.jsonb_build_object('time', $1::bigint, 'node', $2::int)) LIMIT 1`;

/** When the table was emptied last: time and node. */
export const emptiedSql = ({ table, versions }: StatementsOf): string =>
  `SELECT (extract(epoch FROM ${tombstoneTime(versions, 'd')}) * 1000000)::bigint::text, ${tombstoneNode(versions, 'd')}::text
    FROM windlass.table_tombstone d WHERE d.relation = ${oidSql(table)}`;

/** How many rows there are of each of these contents (the names in `$1`) that has any. (Members of an object are found quicker than those of an array.) */
export const numbersSql = (of: Of): string =>
  `SELECT ${textsSql(['c.content', 'c.number::text'])} FROM (SELECT x.content, count(*) AS number
    FROM (SELECT ${contentSql(of)} AS content FROM ONLY ${of.table.name} t) x WHERE $1::jsonb ? x.content GROUP BY 1) c`;

/** Removes so many rows of each content as `$1` says. */
export const takeAwaySql = (of: Of): string =>
  `DELETE FROM ONLY ${of.table.name} t USING (SELECT x.at, row_number() OVER (PARTITION BY x.content) AS number,
        ($1::jsonb->>x.content)::bigint AS most
      FROM (SELECT t.ctid AS at, ${contentSql(of)} AS content FROM ONLY ${of.table.name} t) x WHERE $1::jsonb ? x.content) y
    WHERE t.ctid = y.at AND y.number <= y.most`;

/** Puts in rows, each as often as its note says: `$1` contents, `$2` notes, `$3`, … values. */
export function putInSql({ table, columns }: StatementsOf): string {
  const names = columns.map(({ name }) => identifier(name)).join(', ');
  const values = columns.map((_, i) => `i.c${String(i + 1)}`).join(', ');
  const input = `${inputSql(columns.map(typeOf), 'many', 1)}, LATERAL pg_catalog.generate_series(1, i.note::bigint)`;
  return columns.length === 0
    ? `INSERT INTO ${table.name} DEFAULT VALUES`
    : `INSERT INTO ${table.name} (${names}) OVERRIDING SYSTEM VALUE SELECT ${values} FROM ${input}`;
}

/** Forgets tallies of these contents (`$1`). */
export const forgetTalliesSql = ({ table }: Of): string =>
  `DELETE FROM windlass.tally d USING unnest($1::text[]) u(content) WHERE d.content = u.content AND d.relation = ${oidSql(table)}`;

export const forgetAllTalliesSql = ({ table }: Of): string =>
  `DELETE FROM windlass.tally WHERE relation = ${oidSql(table)}`;

/** `$1` contents, `$2` what is certain, `$3` what happened since. */
export const writeTalliesSql = ({ table }: Of): string =>
  `INSERT INTO windlass.tally (relation, content, "row", certain, since)
    SELECT ${oidSql(table)}, w.content, windlass.row_of(${oidSql(table)}, w.content), w.certain, w.since::jsonb
    FROM unnest($1::text[], $2::bigint[], $3::text[]) w(content, certain, since)`;

/** Removes all rows but those of these contents (the names in `$1`). */
export const clearSql = (of: Of): string =>
  `DELETE FROM ONLY ${of.table.name} t WHERE NOT $1::jsonb ? (${contentSql(of)})`;
