import type { Check } from './check.ts';
import { logins } from './logins.ts';
import { roleRights } from './role-rights.ts';

/** Every check there is. A test fails when a file beside this one is not listed. */
export const checks: readonly Check[] = [roleRights, logins];

export type { Check, DeclaredRole, Finding, Watched } from './check.ts';
export { lookAt, type ConditionsByCheck } from './look-at.ts';
