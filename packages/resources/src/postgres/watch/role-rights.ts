import { attributesOf, COLUMNS, KEYWORDS, type RoleAttributes } from '../inside/role-statements.ts';
import {
  LOOK_ROLE,
  REPLICATOR_ROLE,
  SYSTEM_REPLICATOR,
  SYSTEM_REWINDER,
  SYSTEM_SUPERUSER,
} from '../inside/system-names.ts';
import type { Check, DeclaredRole, Finding } from './check.ts';

interface Row extends RoleAttributes {
  readonly rolname: string;
  /** Roles it belongs to with which one becomes a superuser. */
  readonly powers: readonly string[];
}

/** Whoever may read and write the files of the server, or run programs on it, is a superuser in a moment. */
const POWERS = ['pg_execute_server_program', 'pg_read_server_files', 'pg_write_server_files'];

const QUERY = `SELECT r.rolname, ${['rolsuper', 'rolcreatedb', 'rolcreaterole', 'rolreplication', 'rolbypassrls'].map((c) => `r.${c}`).join(', ')},
  ARRAY(SELECT g.rolname::pg_catalog.text FROM pg_catalog.pg_auth_members m JOIN pg_catalog.pg_roles g ON g.oid = m.roleid
         WHERE m.member = r.oid AND (g.rolsuper OR g.rolname = ANY($1)) ORDER BY g.rolname) AS powers
  FROM pg_catalog.pg_roles r WHERE r.rolname !~ '^pg_' AND r.rolname <> $2 ORDER BY r.rolname`;

/** Rights of a role: what it can do to others. That it may log in, or inherits, is none of them. */
const RIGHTS = COLUMNS.filter((column) => column !== 'rolcanlogin' && column !== 'rolinherit');

/** Ours, which nobody declares. */
const OWN: readonly DeclaredRole[] = [
  { name: SYSTEM_REPLICATOR, attributes: ['REPLICATION'], memberOf: [] },
  { name: SYSTEM_REWINDER, attributes: [], memberOf: [] },
  { name: LOOK_ROLE, attributes: [], memberOf: [] },
  { name: REPLICATOR_ROLE, attributes: ['REPLICATION', 'BYPASSRLS'], memberOf: [] },
];

/**
 * A role that has rights which nobody declared: a user of the spec that gained them, or a role that somebody made. What is
 * declared is what the control plane has stored, not what the database says of itself.
 */
export const roleRights: Check = {
  name: 'role-rights',
  roles: ['writable'],
  async look({ declared: { roles }, ask }) {
    if (roles === undefined) return [];
    const declared = new Map([...OWN, ...roles].map((role) => [role.name, role]));
    const rows = await ask((session) => session.query<Row>(QUERY, [POWERS, SYSTEM_SUPERUSER]));
    return rows.flatMap((row) => undeclared(row, declared.get(row.rolname)));
  },
};

function undeclared(row: Row, declared: DeclaredRole | undefined): Finding[] {
  const may = attributesOf(declared?.attributes ?? [], false);
  const gained = RIGHTS.filter((column) => row[column] && !may[column]).map((column) => KEYWORDS[column]);
  const joined = row.powers.filter((name) => !declared?.memberOf.includes(name)).map((name) => `membership in ${name}`);
  const rights = [...gained, ...joined];
  if (rights.length === 0) return [];
  const isOwn = OWN.some(({ name }) => name === row.rolname);
  const whose = `${declared && !isOwn ? 'user' : 'role'} '${row.rolname}'${declared ? '' : ', which is no user of the spec,'}`;
  return [{ type: 'role_elevated', message: `${whose} has rights that nobody declared: ${rights.join(', ')}` }];
}
