import type { PostgresSession } from '../clients/ports.ts';
import type { DeclaredRole, Watched } from './check.ts';
import { roleRights } from './role-rights.ts';

const NONE = { rolsuper: false, rolcreatedb: false, rolcreaterole: false, rolreplication: false, rolbypassrls: false };
const look = (roles: readonly DeclaredRole[] | undefined, ...rows: object[]) => {
  const session = { query: () => Promise.resolve(rows.map((row) => ({ ...NONE, powers: [], ...row }))) };
  const ask: Watched['ask'] = (work) => work(session as unknown as PostgresSession);
  return roleRights.look({ declared: { extensions: [], roles }, ask } as unknown as Watched);
};
const app: DeclaredRole = { name: 'app', attributes: ['LOGIN'], memberOf: ['pg_monitor'] };
const dba: DeclaredRole = { name: 'dba', attributes: ['LOGIN', 'SUPERUSER'], memberOf: ['pg_execute_server_program'] };

test('what is declared, and what is ours, is no matter', async () => {
  const rows = [
    { rolname: 'app' },
    { rolname: 'dba', rolsuper: true, powers: ['pg_execute_server_program'] },
    { rolname: 'patroni_replicator', rolreplication: true },
    { rolname: 'windlass_look' },
    { rolname: 'made_by_app' },
  ];
  expect(await look([app, dba], ...rows)).toEqual([]);
});

test.each([
  [{ rolsuper: true }, 'SUPERUSER'],
  [{ rolcreatedb: true }, 'CREATEDB'],
  [{ rolcreaterole: true }, 'CREATEROLE'],
  [{ rolreplication: true }, 'REPLICATION'],
  [{ rolbypassrls: true }, 'BYPASSRLS'],
  [
    { powers: ['pg_execute_server_program', 'windlass'] },
    'membership in pg_execute_server_program, membership in windlass',
  ],
])('a user that has %j by itself is a condition that says so', async (has, told) => {
  expect(await look([app, dba], { rolname: 'app', ...has })).toEqual([
    { type: 'role_elevated', message: `user 'app' has rights that nobody declared: ${told}` },
  ]);
});

test('so is a role that nobody declared, and one of ours with more than it is to have', async () => {
  const found = await look([app], { rolname: 'x', rolsuper: true }, { rolname: 'windlass_look', rolsuper: true });
  expect(found.map(({ message }) => message)).toEqual([
    "role 'x', which is no user of the spec, has rights that nobody declared: SUPERUSER",
    "role 'windlass_look' has rights that nobody declared: SUPERUSER",
  ]);
});

test('while the roles are being changed nobody knows what is declared, and nothing is found', async () => {
  expect(await look(undefined, { rolname: 'app', rolsuper: true })).toEqual([]);
});
