import { identifier, literal } from '../../sql/index.ts';
import { rowSql } from './output.ts';
import { equalsOf, oidSql, type StatementsOf } from './statements.ts';
import { recordsSql } from './conflict-sql.ts';
import { newestTombstone } from './verify-sql.ts';

/** The tables with keys that are due: every transaction has ended that was running when a delete of them found nothing. */
export const DUE = `SELECT l.relation::text AS oid, n.nspname AS schema, c.relname AS name FROM (SELECT DISTINCT relation FROM windlass.late_recheck
  WHERE horizon <= pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())) l
  LEFT JOIN pg_catalog.pg_class c ON c.oid = l.relation LEFT JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace`;

/** Of a table that is gone. */
export const FORGET_LATE = 'DELETE FROM windlass.late_recheck WHERE relation = $1::oid';

/** Takes what is due of a table: key, and version of the delete. */
export const takeLateSql = ({ table }: StatementsOf): string =>
  `DELETE FROM windlass.late_recheck WHERE relation = ${oidSql(table)} AND horizon <= pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot())
    RETURNING key, (extract(epoch FROM time) * 1000000)::bigint::text, node::text`;

/** A row whose transaction was running when the delete came: its number is below that of the delete's, and it could not be seen. */
const WAS_RUNNING = `((l.horizon::text::bigint - t.xmin::text::bigint) & 4294967295) BETWEEN 1 AND 2147483647`;

/**
 * The second look at keys where a delete found nothing: a row with a newer tombstone goes and has lost to it; a row that is newer than the delete and was
 * about to be inserted then is what the delete lost to.
 */
export function lateSql(of: StatementsOf): string {
  const { table, versions } = of;
  const types = new Map(table.columns.map(({ name, baseType }) => [name, baseType]));
  const key = table.key.map(
    (name, i) =>
      `t.${identifier(name)} ${equalsOf(table, name)} (l.key::json->>${String(i)})::${types.get(name) ?? 'text'}`,
  );
  const [time, node] = [versions.time('t.xmin'), versions.node('t.xmin')];
  return `WITH due AS (DELETE FROM windlass.late_recheck WHERE relation = ${oidSql(table)}
      AND horizon <= pg_catalog.pg_snapshot_xmin(pg_catalog.pg_current_snapshot()) RETURNING *),
    seen AS MATERIALIZED (SELECT l.key, l.time, l.node, t.ctid AS at, ${rowSql(table.columns, 't')} AS here, ${time} AS rt, ${node} AS rn, d.time AS dt, d.node AS dn,
      ${WAS_RUNNING} AS ran FROM due l JOIN ${table.name} t ON ${key.join(' AND ')} LEFT JOIN LATERAL (${newestTombstone(of, 'windlass.short_key(l.key)')}) d ON true),
    judged AS MATERIALIZED (SELECT *, coalesce((dt, dn) > (rt, rn), false) AS dead FROM seen),
    gone AS (DELETE FROM ${table.name} t USING judged j WHERE t.ctid = j.at AND j.dead)
    ${recordsSql(`SELECT DISTINCT ON (key) ${literal(table.name)}, key, CASE WHEN dead THEN rt ELSE time END, CASE WHEN dead THEN rn ELSE node END,
      CASE WHEN dead THEN dt ELSE rt END, CASE WHEN dead THEN dn ELSE rn END, CASE WHEN dead THEN 'newer tombstone' ELSE 'newer row' END,
      CASE WHEN dead THEN here END, CASE WHEN NOT dead THEN here END
    FROM judged WHERE (dead AND dn = ${String(versions.me)})
      OR (NOT dead AND ran AND (rt, rn) > (time, node) AND rn = ${String(versions.me)})
    ORDER BY key, time DESC`)}`;
}
