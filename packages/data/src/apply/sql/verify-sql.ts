import { recordsSql } from './conflict-sql.ts';
import { inputSql, typeOf } from './input.ts';
import { literal } from '../../sql/index.ts';
import { rowSql } from './output.ts';
import { keyFirst, oidSql, sameKey, type Size, type StatementsOf } from './statements.ts';
import { ARRIVING, tombstoneNode, tombstoneTime } from './version-sql.ts';

const ARRIVED = `${ARRIVING.time}, ${ARRIVING.node}`;

/** The newest tombstone of a key or of its whole table. */
export function newestTombstone(of: StatementsOf, key: string): string {
  const oid = oidSql(of.table);
  const version = `${tombstoneTime(of.versions, 'd')} AS time, ${tombstoneNode(of.versions, 'd')} AS node`;
  return `SELECT x.time, x.node FROM (SELECT ${version} FROM windlass.tombstone d WHERE d.relation = ${oid} AND d.key = ${key}
    UNION ALL SELECT ${version} FROM windlass.table_tombstone d WHERE d.relation = ${oid}) x
    WHERE x.time IS NOT NULL ORDER BY x.time DESC, x.node DESC LIMIT 1`;
}

/**
 * The second look at keys that were written or deleted, with a snapshot of its own: rows with a newer tombstone go, and what lost to
 * something that was written on this node is recorded. `note` is the row as it arrived, as JSON; NULL for a delete.
 */
export function verifySql(of: StatementsOf, size: Size): string {
  const { table, columns, versions } = of;
  const key = keyFirst({ table, columns }).slice(0, table.key.length);
  const own = 't.xmin = pg_catalog.pg_current_xact_id()::xid';
  return `WITH seen AS MATERIALIZED (SELECT i.key, i.note, t.ctid AS at, ${own} AS mine, d.time AS dt, d.node AS dn,
      CASE WHEN ${own} THEN ${ARRIVING.time} ELSE ${versions.time('t.xmin')} END AS rt,
      CASE WHEN ${own} THEN ${ARRIVING.node} ELSE ${versions.node('t.xmin')} END AS rn
      FROM ${inputSql(key.map(typeOf), size)} LEFT JOIN ${table.name} t ON ${sameKey(table, 't')}
      LEFT JOIN LATERAL (${newestTombstone(of, 'i.key')}) d ON true
      WHERE ${own} IS NOT TRUE OR d.time IS NOT NULL),
    judged AS MATERIALIZED (SELECT *, coalesce((dt, dn) > (rt, rn), false) AS dead FROM seen),
    lost AS (SELECT *, CASE WHEN NOT mine AND NOT dead AND (rt, rn) > (${ARRIVED}) THEN 'newer row'
      WHEN note IS NOT NULL AND (dt, dn) > (${ARRIVED}) THEN 'newer tombstone' END AS lost_to FROM judged),
    gone AS (DELETE FROM ${table.name} t USING judged j WHERE t.ctid = j.at AND j.dead)
    ${recordsSql(`SELECT ${literal(table.name)}, key, ${ARRIVED}, w.time, w.node, lost_to, note::jsonb,
      (SELECT ${rowSql(table.columns, 't')} FROM ${table.name} t WHERE t.ctid = lost.at AND NOT lost.mine)
    FROM lost, LATERAL (SELECT CASE lost_to WHEN 'newer row' THEN rt ELSE dt END AS time, CASE lost_to WHEN 'newer row' THEN rn ELSE dn END AS node) w
    WHERE lost_to IS NOT NULL AND w.node = ${String(versions.me)}`)}`;
}
