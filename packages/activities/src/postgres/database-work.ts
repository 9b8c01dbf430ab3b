import { database } from '@windlass/resources/entity';
import type { EntityWork } from '../core/entity-work.ts';
import { focusPlan } from './focus-plan.ts';
import { soleHost } from './sole-host.ts';
import { backupsFarewell } from './backups-farewell.ts';
import { composeDatabase } from './compose-database.ts';
import { databaseNotes } from './database-notes.ts';
import { afterDatabase } from './after-database.ts';
import { forgetDatabase } from './forget-database.ts';
import { primariesOf } from './primaries-of.ts';
import { primaryHost } from './primary-host.ts';
import { proposedHosts } from './proposed-hosts.ts';

/** What is particular to changing a database. */
export const databaseWork: EntityWork = {
  kind: database.kind,
  desired: composeDatabase,
  proposedHosts,
  inCharge: primariesOf,
  notes: databaseNotes,
  farewell: backupsFarewell,
  focus: focusPlan,
  soleHost,
  primaryHost,
  afterwards: afterDatabase,
  forget: forgetDatabase,
};
