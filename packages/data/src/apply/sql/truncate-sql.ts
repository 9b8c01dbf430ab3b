import { oidSql, type StatementsOf } from './statements.ts';
import { ARRIVING, rowIsNewer, tombstoneIsNewer } from './version-sql.ts';

/** TRUNCATE locks a table against writers, so that none is missed that is about to commit. */
export const lockSql = ({ table }: Pick<StatementsOf, 'table'>): string =>
  `LOCK TABLE ONLY ${table.name} IN SHARE ROW EXCLUSIVE MODE`;

/** Deletes what is not newer. Newer rows stay. */
export const emptySql = ({ table, versions }: StatementsOf): string =>
  `DELETE FROM ONLY ${table.name} t WHERE NOT ${rowIsNewer(versions, 't')}`;

/** Leaves a tombstone of the whole table, for what is still to come. */
export const tableTombstoneSql = ({ table, versions }: StatementsOf): string =>
  `INSERT INTO windlass.table_tombstone AS d (relation, time, node) VALUES (${oidSql(table)}, ${ARRIVING.time}, ${ARRIVING.node})
    ON CONFLICT (relation) DO UPDATE SET time = excluded.time, node = excluded.node WHERE NOT ${tombstoneIsNewer(versions, 'd')}`;
