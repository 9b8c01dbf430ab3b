/** The publication on each node; node/install makes it. */
export const PUBLICATION = 'windlass';

/** On this node: the replication origin of what was applied from that peer. */
export const originOf = (peer: number): string => `windlass_n${String(peer)}`;

/** On a peer: the slot from which that node reads. */
export const slotFor = (node: number): string => `windlass_n${String(node)}`;
