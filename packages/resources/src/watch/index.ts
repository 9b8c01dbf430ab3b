import type { Check } from './check.ts';
import { failedStart } from './failed-start.ts';
import { refusedSettings } from './refused-settings.ts';

/** Every check there is. A test fails when a file beside this one is not listed. */
export const checks: readonly Check[] = [refusedSettings, failedStart];

export type { Check, Finding, Watched } from './check.ts';
export { lookAt, type ConditionsByCheck } from './look-at.ts';
