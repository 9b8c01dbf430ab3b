import { databaseState, type DatabaseState } from '../kinds/database-state.ts';
import type { Check, Finding, Watched } from './check.ts';

/** What the spec declares inside Postgres and somebody has taken away by SQL. */
export const contents: Check = {
  name: 'contents',
  roles: ['writable'],
  look: async (at) => [...(await missingRoles(at)), ...(await missingInDatabase(at))],
};

async function missingRoles({ declared, ask }: Watched): Promise<Finding[]> {
  const roles = (declared.roles ?? []).map(({ name }) => name);
  if (roles.length === 0) return [];
  const rows = await ask((session) =>
    session.query<{ name: string }>(
      'SELECT rolname AS name FROM pg_catalog.pg_roles WHERE rolname OPERATOR(pg_catalog.=) ANY($1::pg_catalog.name[])',
      [roles],
    ),
  );
  const there = new Set(rows.map(({ name }) => name));
  return roles
    .filter((name) => !there.has(name))
    .map((name) => ({ type: 'role_missing', message: `user '${name}' was dropped: ${REMEDY}` }));
}

async function missingInDatabase({ declared, ask, askIn }: Watched): Promise<Finding[]> {
  const { database, extensions } = declared;
  if (database === undefined) return [];
  const state = await ask((session) => databaseState(session, database));
  if (state !== 'open') return [{ type: 'database_missing', message: sayMissing(database, state) }];
  if (extensions.length === 0) return [];
  const rows = await askIn(database, (session) =>
    session.query<{ name: string }>('SELECT extname AS name FROM pg_catalog.pg_extension'),
  );
  const there = new Set(rows.map(({ name }) => name));
  return extensions
    .filter((name) => !there.has(name))
    .map((name) => ({ type: 'extension_missing', message: `extension '${name}' was dropped: ${REMEDY}` }));
}

const REMEDY = 'an update makes it anew';

const sayMissing = (name: string, state: DatabaseState): string =>
  state === 'absent'
    ? `database '${name}' was dropped: an update makes it anew, empty; a restore brings its data back`
    : `nobody can connect to database '${name}': ${state === 'invalid' ? 'a DROP DATABASE was interrupted' : 'connections to it are switched off'}`;
