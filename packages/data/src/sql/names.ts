/** The schema of what Windlass keeps in a node's database. */
export const OWN_SCHEMA = 'windlass';

/** The publication on each node: what every peer reads. */
export const PUBLICATION = 'windlass';

/** On this node: the replication origin of what was applied from that peer. Of its own number: of rows that are put back as they were. */
export const originOf = (node: number): string => `windlass_n${String(node)}`;

/** On a peer: the slot from which that node reads. */
export const slotFor = (node: number): string => `windlass_n${String(node)}`;

/** Makes an origin (`$1`) unless it is there. */
export const MAKE_ORIGIN = `SELECT pg_catalog.pg_replication_origin_create($1)
  WHERE NOT EXISTS (SELECT FROM pg_catalog.pg_replication_origin WHERE roname = $1)`;

/** SQL for the number of a node from the name of its origin or its slot, NULL of another's. */
export const nodeOfName = (name: string): string => `substring(${name} FROM '^windlass_n([0-9]{1,6})$')::int`;
