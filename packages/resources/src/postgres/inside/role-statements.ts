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
  /** Until when its password is good: ISO 8601 to the second, or `infinity`. */
  readonly valid_until: string;
  /** What is set for its sessions. */
  readonly settings: readonly string[];
}

export interface WantedRole {
  readonly name: string;
  readonly verifier?: string;
  readonly attributes: RoleAttributes;
  readonly memberOf: readonly string[];
  readonly validUntil?: string;
  readonly actsAs?: string;
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

/** The last two columns of a `RoleRow`, of `pg_authid a`. */
export const VALIDITY = `CASE WHEN pg_catalog.isfinite(a.rolvaliduntil)
              THEN pg_catalog.to_char(a.rolvaliduntil AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS"Z"') ELSE 'infinity' END AS valid_until,
            coalesce((SELECT s.setconfig FROM pg_catalog.pg_db_role_setting s
                       WHERE s.setrole OPERATOR(pg_catalog.=) a.oid AND s.setdatabase OPERATOR(pg_catalog.=) 0), '{}') AS settings`;

export const hasValidity = ({ validUntil }: WantedRole, found: RoleRow | undefined): boolean =>
  validUntil === undefined || found?.valid_until === validUntil;
export const doesActAs = ({ actsAs }: WantedRole, found: RoleRow | undefined): boolean =>
  actsAs === undefined || found?.settings.includes(`role=${actsAs}`) === true;

/** Whose rights the sessions of a role have; after it was granted. */
export const actAs = (wanted: WantedRole, found: RoleRow | undefined, session: PostgresSession): string[] =>
  wanted.actsAs === undefined || doesActAs(wanted, found)
    ? []
    : [`ALTER ROLE ${session.identifier(wanted.name)} SET role = ${session.literal(wanted.actsAs)}`];

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
  const until = wanted.validUntil === undefined ? '' : ` VALID UNTIL ${session.literal(wanted.validUntil)}`;
  if (!found) return [`CREATE ROLE ${name} ${words}${password}${until}`];
  const differs =
    COLUMNS.some((c) => found[c] !== wanted.attributes[c]) ||
    (wanted.verifier !== undefined && found.rolpassword !== wanted.verifier) ||
    !hasValidity(wanted, found);
  return differs ? [`ALTER ROLE ${name} ${words}${password}${until}`] : [];
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
