import type { PostgresSession } from '../clients/ports.ts';
import type { DatabaseState } from '../inside/database-state.ts';
import type { Watched } from './check.ts';
import { createContents } from './contents.ts';

interface World {
  readonly roles?: string[];
  readonly state?: DatabaseState | undefined;
  readonly extensions?: string[];
}

const app = { name: 'app', attributes: [], memberOf: [] };
const declared = { database: 'shop', extensions: ['pg_stat_statements'], roles: [app] };

function at({ roles = ['app'], state = 'open', extensions = ['pg_stat_statements'] }: World): Watched {
  const rows = (names: string[]) => Promise.resolve(names.map((name) => ({ name })));
  const query = (text: string) => {
    if (text.includes('pg_roles')) return rows(roles);
    if (text.includes('pg_extension')) return rows(extensions);
    return Promise.resolve(state === 'absent' ? [] : [{ state }]);
  };
  const session = { query } as unknown as PostgresSession;
  const watched: Pick<Watched, 'declared' | 'ask' | 'askIn'> = {
    declared,
    ask: (work) => work(session),
    askIn: (_database, work) => work(session),
  };
  return watched as Watched;
}

test.each([
  ['all is there', {}, undefined, ''],
  ['the database was dropped', { state: 'absent' }, 'database_missing', "database 'shop' was dropped"],
  ['its DROP was interrupted', { state: 'invalid' }, 'database_missing', 'a DROP DATABASE goes on, or was interrupted'],
  ['connections are off', { state: 'shut' }, 'database_missing', 'connections to it are switched off'],
  ['an extension was dropped', { extensions: ['plpgsql'] }, 'extension_missing', "extension 'pg_stat_statements'"],
  ['a user was dropped', { roles: [] }, 'role_missing', "user 'app'"],
] as const)('when %s', async (_, world, type, message) => {
  const found = await createContents().look(at({ ...world } as World));
  if (type === undefined) expect(found).toEqual([]);
  else expect(found).toEqual([{ type, message: expect.stringContaining(message) as string }]);
});

test('what was never made is not missed', async () => {
  const nothing = { declared: { extensions: [] } } as unknown as Watched;
  expect(await createContents().look(nothing)).toEqual([]);
});

test('the database itself is entered once a minute, and at every turn while something is missing', async () => {
  let time = 0;
  const { look } = createContents(() => time);
  const found = async (extensions: string[]) => (await look(at({ extensions }))).length;
  const there = ['pg_stat_statements'];
  expect(await found(there)).toBe(0);
  time = 59_000;
  expect(await found([])).toBe(0);
  time = 61_000;
  expect(await found([])).toBe(1);
  expect(await found(there)).toBe(0);
});
