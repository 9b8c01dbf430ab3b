import { domainErrorOf } from '../../errors/index.ts';
import type { Check } from './check.ts';

/** What is loaded when a session begins, as the files say: our own sessions begin without. */
const LOADS = `SELECT 1 FROM pg_catalog.pg_file_settings
  WHERE name IN ('session_preload_libraries', 'local_preload_libraries') AND setting <> '' LIMIT 1`;

/** A library cannot be loaded: SQLSTATE class 58 (it is not there), or what its own code throws. */
const CANNOT_LOAD = /^(58|42|XX|F0)/;

/**
 * Nobody can log in because of what is loaded first, while our own sessions, which load nothing, work. Only where something is
 * loaded a session is begun as a user would.
 */
export const logins: Check = {
  name: 'logins',
  roles: ['writable', 'streaming'],
  async look({ ask, address, clients, signal }) {
    if ((await ask((session) => session.query(LOADS))).length === 0) return [];
    try {
      await clients.postgres.session({ address, database: 'postgres', as: 'user', signal }, (s) => s.query('SELECT 1'));
      return [];
    } catch (err) {
      const found = domainErrorOf(err);
      if (!CANNOT_LOAD.test(String(found?.details['sqlState']))) throw err;
      return [{ type: 'logins_refused', message: `no user can log in: ${found?.message ?? ''}` }];
    }
  },
};
