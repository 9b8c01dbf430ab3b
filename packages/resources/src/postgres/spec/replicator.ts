/** Where a replicator answers in its container: what it says of itself. */
export const REPLICATOR_PORT = 9480;

/** Name of the Swarm service of the replicator beside an instance. Not longer than the instance's own. */
export const replicatorService = (instanceId: string): string => `repl-${instanceId}`;

const PEER_SLOT = 'windlass_n';

/** Name of the slot from which the node of that number reads, at the primaries of its peers. */
export const peerSlot = (number: number): string => `${PEER_SLOT}${String(number)}`;

/** Whether a slot has the name of one from which a node reads. */
export const isPeerSlot = (name: string): boolean => new RegExp(`^${PEER_SLOT}\\d+$`).test(name);
