import { inputSql, typeOf } from './input.ts';
import { keyFirst, oidSql, sameKey, type StatementsOf } from './statements.ts';
import { tombstoneIsNewer } from './version-sql.ts';

/**
 * The second look at one key that was written, where nothing is expected to be found: throws when there is a newer tombstone, or when the row there is not the one
 * that was written. Then the transaction is done again with `verifySql`, which says what is so.
 */
export function quickSql({ table, columns, versions }: StatementsOf): string {
  const key = keyFirst({ table, columns }).slice(0, table.key.length);
  const oid = oidSql(table);
  return `SELECT windlass.refuse_unexpected() FROM ${inputSql(key.map(typeOf), 'one')}
    WHERE EXISTS (SELECT FROM windlass.tombstone d WHERE d.relation = ${oid} AND d.key = i.key AND ${tombstoneIsNewer(versions, 'd')})
      OR EXISTS (SELECT FROM windlass.table_tombstone d WHERE d.relation = ${oid} AND ${tombstoneIsNewer(versions, 'd')})
      OR NOT EXISTS (SELECT FROM ${table.name} t WHERE ${sameKey(table, 't')} AND t.xmin = pg_catalog.pg_current_xact_id()::xid)`;
}
