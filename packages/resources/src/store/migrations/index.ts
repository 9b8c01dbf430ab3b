import type { Migration } from './migration.ts';
import { plansInParts } from './plans-in-parts.ts';
import { secretsByOwner } from './secrets-by-owner.ts';

/** Every migration there is, in order; a new one is one line here. None is ever changed or taken out. */
export const MIGRATIONS: readonly Migration[] = [plansInParts, secretsByOwner];
