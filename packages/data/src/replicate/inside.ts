import { openSqlApplier } from './open-applier.ts';
import type { Inside } from './parts.ts';

/** What lies in a node's database, and the applier of SQL. */
export const inside: Inside = {
  install: () => Promise.resolve(),
  openApplier: openSqlApplier,
  rounds: () => ({ settle: () => Promise.resolve(), forget: () => Promise.resolve() }),
};
