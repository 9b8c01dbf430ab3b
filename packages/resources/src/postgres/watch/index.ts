import type { Check } from './check.ts';
import { contents } from './contents.ts';
import { failedStart } from './failed-start.ts';
import { logins } from './logins.ts';
import { peerSlotCopies } from './peer-slot-copies.ts';
import { refusedSettings } from './refused-settings.ts';
import { replicatedTables } from './replicated-tables.ts';
import { roleRights } from './role-rights.ts';
import { slots } from './slots.ts';

/** Every check there is. A test fails when a file beside this one is not listed. */
export const checks: readonly Check[] = [
  slots,
  contents,
  roleRights,
  logins,
  refusedSettings,
  failedStart,
  replicatedTables,
  peerSlotCopies,
];

export type { Check, Declared, DeclaredRole, Finding, Watched } from './check.ts';
export { lookAt, type ConditionsByCheck } from './look-at.ts';
