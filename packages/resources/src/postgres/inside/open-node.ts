import type { PostgresSession } from '../clients/ports.ts';
import type { WantedRole } from './role-statements.ts';

/** That users may log in on a new node of several: a setting of its database. Roles that are to, and do not yet, have one, too. */
const MARK = 'windlass.opened';
const LATER = 'windlass.logs_in';

/** Whether that database is open; asked in any database. */
export const OPEN = `SELECT 1 AS open FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_database d ON d.oid OPERATOR(pg_catalog.=) s.setdatabase
  WHERE d.datname OPERATOR(pg_catalog.=) $1 AND s.setrole OPERATOR(pg_catalog.=) 0 AND '${MARK}=done' OPERATOR(pg_catalog.=) ANY (s.setconfig)`;

const WAITING = `SELECT r.rolname AS name FROM pg_catalog.pg_db_role_setting s JOIN pg_catalog.pg_roles r ON r.oid OPERATOR(pg_catalog.=) s.setrole
  WHERE s.setdatabase OPERATOR(pg_catalog.=) 0 AND '${LATER}=later' OPERATOR(pg_catalog.=) ANY (s.setconfig)`;

/** A role as it is to be while the node is closed: it does not log in, whatever its other rights. */
export const whileClosed = (wanted: WantedRole): WantedRole => ({
  ...wanted,
  attributes: { ...wanted.attributes, rolcanlogin: false },
});

/** What remembers that a role is to log in when the node opens. */
export const logsInLater = (name: string, { identifier }: PostgresSession): string =>
  `ALTER ROLE ${identifier(name)} SET ${LATER} = 'later'`;

/** Lets users in who were to wait, at once; in a session with any database. */
export async function openNode(session: PostgresSession, databaseName: string): Promise<void> {
  await session.transaction(async () => {
    for (const { name } of await session.query<{ name: string }>(WAITING)) {
      await session.query(`ALTER ROLE ${session.identifier(name)} LOGIN`);
      await session.query(`ALTER ROLE ${session.identifier(name)} RESET ${LATER}`);
    }
    await session.query(`ALTER DATABASE ${session.identifier(databaseName)} SET ${MARK} = 'done'`);
  });
}
