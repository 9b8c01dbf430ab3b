import { createHash } from 'node:crypto';

/** The first eight characters of the SHA-1 of a host id in base 36: short, stable, safe in names. */
export function hostSuffix(hostId: string): string {
  const hash = BigInt(`0x${createHash('sha1').update(hostId).digest('hex')}`);
  return hash.toString(36).slice(0, 8);
}

/** `<database>-<node>-<8 characters of the host>`: the id of the instance of a node on a host. */
export function instanceId(databaseId: string, node: string, hostId: string): string {
  return `${databaseId}-${node}-${hostSuffix(hostId)}`;
}

/** Name of an instance's Swarm service, and hostname of its container. */
export const serviceName = (instance: string): string => `postgres-${instance}`;

/** Name of the network of a database. */
export const networkName = (databaseId: string): string => `windlass-${databaseId}`;
