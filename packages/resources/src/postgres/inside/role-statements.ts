import type { PostgresSession } from '../clients/ports.ts';

/** The role other systems of this API know as the strongest one short of a superuser. */
export const BUILT_IN_ROLE = 'pgedge_superuser';

/** Columns of `pg_authid` that attributes set. */
export interface RoleAttributes {
  readonly rolsuper: boolean;
  readonly rolcreatedb: boolean;
  readonly rolcreaterole: boolean;
  readonly rolinherit: boolean;
  readonly rolcanlogin: boolean;
  readonly rolreplication: boolean;
  readonly rolbypassrls: boolean;
}

export interface RoleRow extends RoleAttributes {
  readonly rolname: string;
  readonly rolpassword: string | null;
  readonly member_of: readonly string[];
}

export interface WantedRole {
  readonly name: string;
  readonly verifier?: string;
  readonly attributes: RoleAttributes;
  readonly memberOf: readonly string[];
}

export const KEYWORDS: Readonly<Record<keyof RoleAttributes, string>> = {
  rolsuper: 'SUPERUSER',
  rolcreatedb: 'CREATEDB',
  rolcreaterole: 'CREATEROLE',
  rolinherit: 'INHERIT',
  rolcanlogin: 'LOGIN',
  rolreplication: 'REPLICATION',
  rolbypassrls: 'BYPASSRLS',
};
export const COLUMNS = Object.keys(KEYWORDS) as (keyof RoleAttributes)[];

/** Attributes as declared; what is not named has Postgres' default, but a role with a password may log in. */
export function attributesOf(declared: readonly string[], hasPassword: boolean): RoleAttributes {
  const words = new Set(declared.map((word) => word.toUpperCase()));
  const byDefault = (keyword: string): boolean => keyword === 'INHERIT' || (keyword === 'LOGIN' && hasPassword);
  const value = (keyword: string): boolean =>
    words.has(`NO${keyword}`) ? false : words.has(keyword) || byDefault(keyword);
  return Object.fromEntries(COLUMNS.map((column) => [column, value(KEYWORDS[column])])) as unknown as RoleAttributes;
}

/** Statements that bring one role to what is wanted, but for its memberships; none when nothing differs. */
export function alterRole(wanted: WantedRole, found: RoleRow | undefined, session: PostgresSession): string[] {
  const name = session.identifier(wanted.name);
  const words = COLUMNS.map((column) => (wanted.attributes[column] ? KEYWORDS[column] : `NO${KEYWORDS[column]}`)).join(
    ' ',
  );
  const password = wanted.verifier === undefined ? '' : ` PASSWORD ${session.literal(wanted.verifier)}`;
  if (!found) return [`CREATE ROLE ${name} ${words}${password}`];
  const differs =
    COLUMNS.some((c) => found[c] !== wanted.attributes[c]) ||
    (wanted.verifier !== undefined && found.rolpassword !== wanted.verifier);
  return differs ? [`ALTER ROLE ${name} ${words}${password}`] : [];
}

/** Statements that take from a role what it is no longer to have: attributes and memberships. They need nothing that is made. */
export function takeFromRole(
  { name, attributes }: Pick<WantedRole, 'name' | 'attributes'>,
  found: RoleRow | undefined,
  revoked: readonly string[],
  session: PostgresSession,
): string[] {
  if (!found) return [];
  const role = session.identifier(name);
  const lost = COLUMNS.filter((column) => found[column] && !attributes[column]).map(
    (column) => `NO${KEYWORDS[column]}`,
  );
  return [
    ...(lost.length > 0 ? [`ALTER ROLE ${role} ${lost.join(' ')}`] : []),
    ...revoked.filter((r) => found.member_of.includes(r)).map((r) => `REVOKE ${session.identifier(r)} FROM ${role}`),
  ];
}

/** Memberships that are missing; after every role is made, as the list of the spec has no order. */
export const grantRoles = (
  { name, memberOf }: WantedRole,
  found: RoleRow | undefined,
  { identifier }: PostgresSession,
): string[] =>
  memberOf.filter((r) => !found?.member_of.includes(r)).map((r) => `GRANT ${identifier(r)} TO ${identifier(name)}`);

export const builtInRole = (): string[] => [
  `CREATE ROLE ${BUILT_IN_ROLE} NOLOGIN`,
  `GRANT pg_monitor, pg_read_all_data, pg_write_all_data, pg_signal_backend, pg_checkpoint TO ${BUILT_IN_ROLE}`,
];
