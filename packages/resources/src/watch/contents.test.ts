import type { PostgresSession } from '../clients/ports.ts';
import type { DatabaseState } from '../kinds/database-state.ts';
import type { Watched } from './check.ts';
import { contents } from './contents.ts';

interface World {
  readonly roles?: string[];
  readonly state?: DatabaseState | undefined;
  readonly extensions?: string[];
}

function look({ roles = ['app'], state = 'open', extensions = ['pg_stat_statements'] }: World) {
  const rows = (names: string[]) => Promise.resolve(names.map((name) => ({ name })));
  const query = (text: string) => {
    if (text.includes('pg_roles')) return rows(roles);
    if (text.includes('pg_extension')) return rows(extensions);
    return Promise.resolve(state === 'absent' ? [] : [{ state }]);
  };
  const session = { query } as unknown as PostgresSession;
  const declared = {
    database: 'shop',
    extensions: ['pg_stat_statements'],
    roles: [{ name: 'app', attributes: [], memberOf: [] }],
  };
  const at: Pick<Watched, 'declared' | 'ask' | 'askIn'> = {
    declared,
    ask: (work) => work(session),
    askIn: (_database, work) => work(session),
  };
  return contents.look(at as Watched);
}

test.each([
  ['all is there', {}, undefined, ''],
  ['the database was dropped', { state: 'absent' }, 'database_missing', "database 'shop' was dropped"],
  ['its DROP was interrupted', { state: 'invalid' }, 'database_missing', 'a DROP DATABASE was interrupted'],
  ['connections are off', { state: 'shut' }, 'database_missing', 'connections to it are switched off'],
  ['an extension was dropped', { extensions: ['plpgsql'] }, 'extension_missing', "extension 'pg_stat_statements'"],
  ['a user was dropped', { roles: [] }, 'role_missing', "user 'app'"],
] as const)('when %s', async (_, world, type, message) => {
  const found = await look({ ...world } as World);
  if (type === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([{ type, message: expect.stringContaining(message) as string }]);
});

test('what was never made is not missed', async () => {
  const declared = { extensions: [] };
  expect(await contents.look({ declared } as unknown as Watched)).toEqual([]);
});
