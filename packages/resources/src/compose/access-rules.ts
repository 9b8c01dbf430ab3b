const SYSTEM = 'windlass,patroni_replicator';
/** Lets the container's `postgres` user, which runs Patroni, in over the Unix socket. */
const PEER_MAP = 'windlass';

/**
 * Lines of pg_hba.conf; the first that matches decides. The system roles get in by peer or client certificate and by nothing
 * else; then come the user's lines; whoever is left needs a password.
 */
export function hbaLines(own: readonly string[]): string[] {
  return [
    `local all windlass peer map=${PEER_MAP}`,
    `local replication ${SYSTEM} peer map=${PEER_MAP}`,
    'hostssl all windlass all cert',
    'hostssl replication patroni_replicator all cert',
    `local all ${SYSTEM} reject`,
    `host all ${SYSTEM} all reject`,
    `host replication ${SYSTEM} all reject`,
    ...own,
    'hostssl all all all scram-sha-256',
    'host all all all scram-sha-256',
  ];
}

export function identLines(own: readonly string[]): string[] {
  return [`${PEER_MAP} postgres windlass`, `${PEER_MAP} postgres patroni_replicator`, ...own];
}
