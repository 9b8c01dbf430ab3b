import type { Clients, ContainerFacts, PostgresSession, PostgresTarget } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { serviceName } from '../spec/identity.ts';

export const serviceOf = serviceName;

/** Patroni's name for a node: `<database>:<node>`. */
export const scopeOf = (databaseId: string, nodeName: string): string => `${databaseId}:${nodeName}`;

/** Address of the node's primary, when its container is on this host. `primary_moved` says that another host has it. */
export const primaryAddress = async (clients: Clients, scope: string): Promise<string> =>
  (await primaryContainer(clients, scope)).container.address;

/** Instance id of the node's primary, when its container runs on this host. */
export const primaryInstance = async (clients: Clients, scope: string): Promise<string> =>
  (await primaryContainer(clients, scope)).leader;

/** Service of the node's primary, when its container runs on this host. */
export const primaryService = async (clients: Clients, scope: string): Promise<string> =>
  serviceOf(await primaryInstance(clients, scope));

async function primaryContainer(
  { dcs, docker, host }: Clients,
  scope: string,
): Promise<{ leader: string; container: ContainerFacts }> {
  const leader = await dcs.leader(scope);
  if (leader === undefined) throw new DomainError('no_primary', `'${scope}' has no primary at the moment`);
  const container = await docker.serviceContainer(serviceOf(leader));
  if (container?.state === 'running') return { leader, container };
  const service = await docker.service(serviceOf(leader));
  const elsewhere = service !== undefined && service.labels['pgedge.host.id'] !== host.hostId;
  if (elsewhere) throw new DomainError('primary_moved', `the primary of '${scope}' is '${leader}', on another host`);
  throw new DomainError('postgres_unavailable', `the container of the primary '${leader}' does not run`);
}

/** Runs `work` in a session with the node's primary: as the superuser, or `as` somebody with fewer rights. */
export async function withPrimary<T>(
  clients: Clients,
  scope: string,
  database: string,
  signal: AbortSignal,
  work: (session: PostgresSession) => Promise<T>,
  as?: PostgresTarget['as'],
): Promise<T> {
  const address = await primaryAddress(clients, scope);
  return clients.postgres.session({ address, database, signal, ...(as && { as }) }, work);
}
