import { databaseState, type DatabaseState } from '../inside/database-state.ts';
import type { Check, Finding, Watched } from './check.ts';

/** A session in the database itself cannot be kept, nobody could drop it meanwhile, and making one costs more than the question. */
const ENTER_EVERY_MS = 60_000;

interface Entered {
  readonly at: number;
  readonly missing: readonly string[];
}

/** What the spec declares inside Postgres and somebody has taken away by SQL. */
export function createContents(now: () => number = Date.now): Check {
  const entered = new Map<string, Entered>();
  return {
    name: 'contents',
    roles: ['writable'],
    look: async (at) => [...(await missingRoles(at)), ...(await missingInDatabase(at, entered, now))],
  };
}

export const contents = createContents();

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

async function missingInDatabase(at: Watched, entered: Map<string, Entered>, now: () => number): Promise<Finding[]> {
  const { database } = at.declared;
  if (database === undefined) return [];
  const state = await at.ask((session) => databaseState(session, database));
  if (state !== 'open') return [{ type: 'database_missing', message: sayMissing(database, state) }];
  const key = `${at.databaseId}/${at.instanceId}`;
  let last = entered.get(key);
  // What was missing is looked for at every turn, so that the condition goes as soon as it is back.
  if (last === undefined || last.missing.length > 0 || now() - last.at >= ENTER_EVERY_MS)
    entered.set(key, (last = { at: now(), missing: await missingExtensions(at, database) }));
  return last.missing.map((name) => ({
    type: 'extension_missing',
    message: `extension '${name}' was dropped: ${REMEDY}`,
  }));
}

async function missingExtensions({ declared, askIn }: Watched, database: string): Promise<string[]> {
  if (declared.extensions.length === 0) return [];
  const rows = await askIn(database, (session) =>
    session.query<{ name: string }>('SELECT extname AS name FROM pg_catalog.pg_extension'),
  );
  const there = new Set(rows.map(({ name }) => name));
  return declared.extensions.filter((name) => !there.has(name));
}

const REMEDY = 'an update makes it anew';

const sayMissing = (name: string, state: DatabaseState): string =>
  state === 'absent'
    ? `database '${name}' was dropped: an update makes it anew, empty; a restore brings its data back`
    : `nobody can connect to database '${name}': ${state === 'invalid' ? 'a DROP DATABASE goes on, or was interrupted' : 'connections to it are switched off'}`;
