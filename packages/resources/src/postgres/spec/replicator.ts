/** Where a replicator answers in its container: what it says of itself. */
export const REPLICATOR_PORT = 9480;

/** Name of the Swarm service of the replicator beside an instance. Not longer than the instance's own. */
export const replicatorService = (instanceId: string): string => `repl-${instanceId}`;
