/** The tenants whose entities a login reaches; `all`: everybody's, those of no tenant, and the installation itself. */
export type Reach = 'all' | ReadonlySet<string>;

/** Of a request that nobody was asked for a login for. */
export const NOBODYS: Reach = new Set();

export const reachOf = (tenants: readonly string[] | undefined): Reach => (tenants ? new Set(tenants) : 'all');

/** Whether it reaches what is of this tenant; `undefined`: of none. */
export const isReached = (reach: Reach, tenantId: string | undefined): boolean =>
  reach === 'all' || (tenantId !== undefined && reach.has(tenantId));

export const isSameReach = (a: Reach, b: Reach): boolean =>
  a === 'all' || b === 'all' ? a === b : a.size === b.size && [...a].every((tenant) => b.has(tenant));

/** `the tenants 'a' and 'b'`, for refusals. */
export function inWords(reach: ReadonlySet<string>): string {
  const names = [...reach].map((name) => `'${name}'`);
  const last = names.pop() ?? 'none';
  return names.length === 0 ? `the tenant ${last}` : `the tenants ${names.join(', ')} and ${last}`;
}

/**
 * What a route is about. `everything`: the installation, for logins that are not limited to tenants. `nothing`: nothing of anybody's.
 * `own`: it lists or declares, and keeps to the `reach` it is given. Else one entity, whose id is in the path: who does not reach it is told that
 * there is none.
 */
export type Reaches<Part extends string = string> =
  'everything' | 'nothing' | 'own' | { readonly kind: string; readonly by: Part };

declare module 'fastify' {
  interface FastifyContextConfig {
    /** Absent means `everything`. */
    readonly reaches?: Reaches;
  }
  interface FastifyRequest {
    /** What its login reaches, once the door has found out. */
    reach?: Reach;
  }
}
