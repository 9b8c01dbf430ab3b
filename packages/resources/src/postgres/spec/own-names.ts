import { createHash } from 'node:crypto';

const hashOf = (text: string): string => createHash('sha256').update(text).digest('hex').slice(0, 32);

/** Common name of the certificates with which the control plane is the superuser of a database, and of no other. */
export const controlName = (databaseId: string): string => `windlass-${hashOf(databaseId)}`;

/** The one that was good for every database: it still is where the rules were made before each had a name of its own. */
export const FORMER_CONTROL_NAME = 'windlass';

/** Common name of the certificates of a node's members: with it they may replicate from one another and from nobody else. */
export const memberName = (scope: string): string => `member-${hashOf(scope)}`;

/** Common name of the certificates of a database's replicators: with it they may log in on its nodes and nowhere else. */
export const replicatorName = (databaseId: string): string => `replicator-${hashOf(databaseId)}`;
