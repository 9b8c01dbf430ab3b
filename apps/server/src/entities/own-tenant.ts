import { DomainError } from '@windlass/resources/errors';
import type { ServerDeps } from '../core/deps.ts';
import { inWords, type Reach } from '../core/door/reach.ts';

/** Where it is said in the body of a create or an update of which tenant the entity is. */
export interface TenantField<B> {
  of(body: B): string | undefined;
  with(body: B, tenantId: string): B;
}

/** Where the wire contract says it. */
export const tenantId = <B extends { readonly tenant_id?: string | undefined }>(): TenantField<B> => ({
  of: ({ tenant_id: tenant }) => tenant,
  with: (body, tenant) => ({ ...body, tenant_id: tenant }),
});

/** How entities of tenants are declared by logins that are limited to some. */
export interface TenantRules<Create, Update> {
  readonly create: TenantField<Create>;
  readonly update: TenantField<Update>;
  /** Refuses what else such a login may not declare; `id`: of what it would change. */
  refuse?(deps: ServerDeps, body: Create | Update, id: string | undefined): Promise<void>;
}

/** One that is to be made, as a login declares it that reaches so much. */
export const newOf = async <C, U>(
  deps: ServerDeps,
  rules: TenantRules<C, U> | undefined,
  reach: Reach,
  body: C,
): Promise<C> => declared(deps, rules, rules?.create, reach, body);

/** One that is there, as such a login would have it. */
export const changeOf = async <C, U>(
  deps: ServerDeps,
  rules: TenantRules<C, U> | undefined,
  reach: Reach,
  body: U,
  id: string,
): Promise<U> => declared(deps, rules, rules?.update, reach, body, id);

async function declared<C, U, B extends C | U>(
  deps: ServerDeps,
  rules: TenantRules<C, U> | undefined,
  field: TenantField<B> | undefined,
  reach: Reach,
  body: B,
  id?: string,
): Promise<B> {
  if (reach === 'all') return body;
  if (!rules || !field)
    throw new DomainError(
      'not_permitted',
      `this login is for ${inWords(reach)}, and what it would declare is of no tenant`,
    );
  const own = ofOwnTenant(field, reach, body);
  await rules.refuse?.(deps, own, id);
  return own;
}

/** Who reaches one tenant alone need not name it; another's is `not_permitted`. */
function ofOwnTenant<B>(field: TenantField<B>, reach: ReadonlySet<string>, body: B): B {
  const named = field.of(body);
  if (named !== undefined && reach.has(named)) return body;
  if (named !== undefined)
    throw new DomainError('not_permitted', `tenant_id: this login is for ${inWords(reach)}, and not for the tenant '${named}'`); // prettier-ignore
  const [only, other] = reach;
  if (only === undefined || other !== undefined)
    throw new DomainError(
      'invalid_input',
      `tenant_id: is missing; this login is for ${inWords(reach)}: name one of them`,
    );
  return field.with(body, only);
}
