import { isIPv6 } from 'node:net';
import type { ApiNode, StoredSpec } from '@windlass/resources/postgres/spec';
import type { InstanceStatus } from '@windlass/resources/postgres/records';

/** Seconds a client waits for each host: without it libpq waits two minutes for one that is powered off before it asks the next. */
const CONNECT_TIMEOUT_S = 3;

/** The file that `GET /v1/databases/{id}/ca` is kept in, for strings with which the server is verified. */
const CA_FILE = 'ca.crt';

/**
 * How clients reach a node whoever is its primary: connection strings for libpq and the drivers that read them, with all
 * instances that have a port. They stay right after a failover: the client asks each which role it has.
 */
export function nodeConnections({ spec }: StoredSpec, statuses: readonly InstanceStatus[]): ApiNode[] {
  return spec.nodes.map(({ name }) => {
    const reached = reachedOf(name, statuses);
    if (reached.length === 0) return { name };
    const authority = reached.map(({ host, port }) => `${isIPv6(host) ? `[${host}]` : host}:${String(port)}`).join(',');
    const url = (attributes: string, tls: string): string =>
      `postgresql://${authority}/${encodeURIComponent(spec.database_name)}?target_session_attrs=${attributes}&${tls}&connect_timeout=${String(CONNECT_TIMEOUT_S)}`;
    const [encrypted, verified] = ['sslmode=require', `sslmode=verify-full&sslrootcert=${CA_FILE}`];
    return {
      name,
      connection_info: {
        writer: url('read-write', encrypted),
        reader: url('prefer-standby', encrypted),
        verified_writer: url('read-write', verified),
        verified_reader: url('prefer-standby', verified),
      },
    };
  });
}

/** The instances of a node that clients reach, its primary first. */
export const reachedOf = (
  nodeName: string,
  statuses: readonly InstanceStatus[],
): { readonly host: string; readonly port: number }[] =>
  statuses
    .filter((s) => s.nodeName === nodeName)
    .sort((a, b) => Number(b.writable) - Number(a.writable))
    .flatMap(({ addresses: [host], port }) => (host === undefined || port === undefined ? [] : [{ host, port }]));
