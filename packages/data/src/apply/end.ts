import type { Step } from './exchange.ts';
import { LEAVE } from './users-code.ts';

const SETUP = 'SELECT pg_catalog.pg_replication_origin_xact_setup($1::pg_lsn, $2::timestamptz)';

/** No position of any stream: the progress of an origin never falls. */
export const NOWHERE = '0/1';

/** How a transaction ends that has the version of its sender. (No constraint of users is deferred: in replica role none of them is looked at.) */
export const endOf = (lsn: string, time: string, ranUsersCode: boolean): Step[] => [
  ...(ranUsersCode ? LEAVE : []),
  // The last one before COMMIT: a ROLLBACK after it moves the origin all the same.
  { text: SETUP, values: [lsn, time] },
  { text: 'COMMIT', values: [] },
];
