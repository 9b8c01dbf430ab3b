import { isIPv6 } from 'node:net';
import type { ApiNode, StoredSpec } from '@windlass/resources/postgres/spec';
import type { InstanceStatus } from '@windlass/resources/postgres/records';

/** Seconds a client waits for each host: without it libpq waits two minutes for one that is powered off before it asks the next. */
const CONNECT_TIMEOUT_S = 3;

/**
 * How clients reach a node whoever is its primary: connection strings for libpq and the drivers that read them, with all
 * instances that have a port. They stay right after a failover: the client asks each which role it has.
 */
export function nodeConnections({ spec }: StoredSpec, statuses: readonly InstanceStatus[]): ApiNode[] {
  return spec.nodes.map(({ name }) => {
    const reached = statuses.filter((s) => s.nodeName === name && s.port !== undefined && s.addresses.length > 0);
    if (reached.length === 0) return { name };
    const primaryFirst = [...reached].sort((a, b) => Number(b.writable) - Number(a.writable));
    const authority = primaryFirst.map((s) => `${hostOf(s.addresses[0] ?? '')}:${String(s.port)}`).join(',');
    const url = (attributes: string): string =>
      `postgresql://${authority}/${encodeURIComponent(spec.database_name)}?target_session_attrs=${attributes}&sslmode=require&connect_timeout=${String(CONNECT_TIMEOUT_S)}`;
    return { name, connection_info: { writer: url('read-write'), reader: url('prefer-standby') } };
  });
}

const hostOf = (address: string): string => (isIPv6(address) ? `[${address}]` : address);
