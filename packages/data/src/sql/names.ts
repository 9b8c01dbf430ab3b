/** The schema of what Windlass keeps in a node's database. */
export const OWN_SCHEMA = 'windlass';

/** The publication on each node: what every peer reads. */
export const PUBLICATION = 'windlass';

/** On this node: the replication origin of what was applied from that peer. Of its own number: of rows that are put back as they were. */
export const originOf = (node: number): string => `windlass_n${String(node)}`;

/** On a peer: the slot from which that node reads. */
export const slotFor = (node: number): string => `windlass_n${String(node)}`;

/** The number of a node from the name of its origin, NULL of another's: SQL over `pg_replication_origin`. */
export const NODE_OF_ORIGIN = `substring(roname FROM '^windlass_n([0-9]{1,6})$')::int`;
