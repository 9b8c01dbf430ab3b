import { createHash } from 'node:crypto';

/** Roles the control plane keeps for itself; no declared user may have one of these names. */
export const SYSTEM_SUPERUSER = 'windlass';
export const SYSTEM_REPLICATOR = 'patroni_replicator';
/** May only read files, for pg_rewind; made with the image. */
export const SYSTEM_REWINDER = 'patroni_rewind';

export { LOOK_ROLE, REPLICATOR_ROLE } from '../spec/own-sessions.ts';

/** Common name of the certificates of a node's members: with it they may replicate from one another and from nobody else. */
export const memberName = (scope: string): string =>
  `member-${createHash('sha256').update(scope).digest('hex').slice(0, 32)}`;

/** Common name of the certificates of a database's replicators: with it they may log in on its nodes and nowhere else. */
export const replicatorName = (databaseId: string): string =>
  `replicator-${createHash('sha256').update(databaseId).digest('hex').slice(0, 32)}`;
