import { Identifier } from '@windlass/resources/api';
import { ROLES, type Role } from '@windlass/resources/platform/records';
import type { Issuer } from './issuer.ts';
import { reachOf, type Reach } from './reach.ts';

type Claims = Readonly<Record<string, unknown>>;

/** The highest role that the claims give; undefined: none. */
export function roleIn(claims: Claims, { roleClaim, roles }: Pick<Issuer, 'roleClaim' | 'roles'>): Role | undefined {
  const given = valuesOf(claims, roleClaim).map((value) => (roles ? roles.get(value) : value));
  return ROLES.findLast((role) => given.includes(role));
}

/** What they reach: everything only where the issuer is asked for no tenants, or says so. */
export function reachIn(claims: Claims, { tenantClaim, tenants }: Pick<Issuer, 'tenantClaim' | 'tenants'>): Reach {
  if (tenantClaim === undefined) return 'all';
  const given = valuesOf(claims, tenantClaim).map((value) => (tenants ? tenants.get(value) : value));
  if (given.includes('*')) return 'all';
  return reachOf(given.filter((one) => one !== undefined && Identifier.safeParse(one).success) as string[]);
}

/** A text, or the texts of a list. A name with dots is one claim if there is such a one, else a path. */
function valuesOf(claims: Claims, name: string): readonly string[] {
  const found = Object.hasOwn(claims, name) ? claims[name] : name.split('.').reduce<unknown>(within, claims);
  return [found].flat().filter((value) => typeof value === 'string');
}

const within = (value: unknown, name: string): unknown => (holds(value, name) ? value[name] : undefined);

const holds = (value: unknown, name: string): value is Claims =>
  typeof value === 'object' && value !== null && Object.hasOwn(value, name);
