import { formatIssues } from '../../api/index.ts';
import { loadSqlParser, validateSpec, validateUpdate, type DatabaseSpec } from './index.ts';

const base = { database_name: 'shop', nodes: [{ name: 'n1', host_ids: ['host-1'] }] };
const user = (username: string, ...roles: string[]) => ({ username, roles });
const problems = (more: Record<string, unknown>): string => {
  const result = validateSpec({ ...base, ...more });
  return 'issues' in result ? formatIssues(result.issues) : '';
};

beforeAll(loadSqlParser);

test('a ring of memberships is refused at the entries that make it, however long', () => {
  expect(problems({ database_users: [user('a', 'b'), user('b', 'a')] })).toContain(
    'database_users[0].roles[0]: "b" is',
  );
  expect(problems({ database_users: [user('a', 'a')] })).toContain('database_users[0].roles[0]');
  const long = problems({ database_users: [user('a', 'b'), user('b', 'c'), user('c', 'a'), user('d', 'a')] });
  expect(long.match(/must not form a ring/g)).toHaveLength(3);
});

test('a membership may stand before the role it names, and many may lead to one', () => {
  expect(problems({ database_users: [user('a', 'b', 'c'), user('b', 'd'), user('c', 'd'), user('d')] })).toBe('');
});

test('a role that nobody makes is refused by path', () => {
  expect(problems({ database_users: [user('a', 'writers')] })).toBe(
    'database_users[0].roles[0]: there is no role "writers": declare it in database_users, or make it in scripts.post_init',
  );
});

test.each([
  ['a script makes it first', { scripts: { post_init: ['CREATE ROLE Writers'] } }],
  ['it is declared', { database_users: [user('a', 'writers'), user('writers')] }],
  [
    'it may be in the backup',
    {
      restore_config: {
        source_database_id: 'x', source_node_name: 'n1', source_database_name: 'b',
        repository: { type: 'posix', base_path: '/b' },
      },
    },
  ], // prettier-ignore
])('a role is taken for known where %s', (_, more) => {
  expect(problems({ database_users: [user('a', 'writers')], ...more })).toBe('');
});

test.each([
  ['15.8', 'pg_maintain', 'Postgres 15 has no role "pg_maintain"'],
  ['17.6', 'pg_maintain', ''],
  ['17.6', 'pg_signal_autovacuum_worker', 'Postgres 17 has no role'],
  ['18.1', 'pg_signal_autovacuum_worker', ''],
  ['17.6', 'pg_database_owner', 'has no role "pg_database_owner" that can be granted'],
  [undefined, 'pg_maintain', ''],
  [undefined, 'pg_nothing', 'Postgres has no role "pg_nothing"'],
])('Postgres %s and %s', (version, role, expected) => {
  const found = problems({ ...(version && { postgres_version: version }), database_users: [user('a', role)] });
  if (expected === '') expect(found).toBe('');
  else expect(found).toContain(expected);
});

test('an update may keep what the stored spec grants, and grants nothing else that nobody makes', () => {
  const previous = { ...base, database_users: [user('a', 'by-hand')] } as DatabaseSpec;
  const next = { ...base, database_users: [user('a', 'by-hand', 'another')] } as DatabaseSpec;
  const same = validateUpdate(previous, previous, { databaseId: 'x' });
  expect(same).toHaveProperty('spec');
  const result = validateUpdate(previous, next, { databaseId: 'x' });
  expect('issues' in result && formatIssues(result.issues)).toContain('database_users[0].roles[1]: there is no role');
});
