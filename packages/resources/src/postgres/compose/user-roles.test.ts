import { userRoles } from './user-roles.ts';

const nodes = [{ name: 'n1', host_ids: ['host-1'] }];
const database_users = [
  { username: 'app', db_owner: true, attributes: ['CREATEDB', 'replication'], roles: ['pg_monitor'] },
  { username: 'quiet' },
];
const stored = { spec: { database_name: 'shop', nodes, database_users }, passwordVersions: { app: 'a' } };
const app = { name: 'app', passwordVersion: 'a', owner: true, attributes: ['CREATEDB', 'REPLICATION'], memberOf: ['pg_monitor'] }; // prettier-ignore
const quiet = { name: 'quiet', owner: false, attributes: [], memberOf: [] };

test('a user is a role; of one that was never rotated nobody says until when its password is good', () => {
  expect(userRoles(stored)).toEqual([app, quiet]);
});

test('a second login is its user, and what counts before it is that', () => {
  const other = { other: 'app_alt', otherVersion: 'b' };
  const twin = { name: 'app_alt', passwordVersion: 'b', owner: false, attributes: ['REPLICATION'], memberOf: ['app'], actsAs: 'app' }; // prettier-ignore
  const of = (until: object) => userRoles({ ...stored, rotations: { app: { ...other, ...until } } });
  const [then, forGood] = ['2026-02-01T12:00:00Z', 'infinity'];
  expect(of({ ownUntil: then })).toEqual([{ ...app, validUntil: then }, { ...twin, validUntil: forGood }, quiet]);
  expect(of({ otherUntil: then })).toEqual([{ ...app, validUntil: forGood }, { ...twin, validUntil: then }, quiet]);
});
