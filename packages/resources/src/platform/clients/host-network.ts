import { createHash, X509Certificate } from 'node:crypto';
import { isIPv4 } from 'node:net';
import type Docker from 'dockerode';
import { DomainError } from '../../errors/index.ts';
import { reachDocker } from './docker-calls.ts';
import type { HostNetwork } from './ports.ts';

/** Of all networks of this sort; a container is on one of them, or on Docker's own bridge when an earlier release made it. */
const PREFIX = 'windlass-host-';
/** Label of what is settled on an engine: which authority's hosts it is for. The network that refers to it cannot have labels. */
const AUTHORITY = 'windlass.authority';
export const isHostNetwork = (name: string): boolean => name.startsWith(PREFIX);
/** The longest name of a network device that Linux takes is 15 characters. */
const ID_LENGTH = 10;

/** Another address is another network: what a bridge publishes on is settled when it is made. */
export function hostNetworkOf(caPem: string, publishOn: string): HostNetwork {
  const authority = createHash('sha256').update(new X509Certificate(caPem).raw).digest('hex').slice(0, 16);
  const id = createHash('sha256').update(`${authority} ${publishOn}`).digest('hex').slice(0, ID_LENGTH);
  return { name: `${PREFIX}${id}`, device: `wl-${id}`, authority, publishOn };
}

/**
 * The address on which ports are published where no setting says so: that of clients, where it is one address and no name. Whether
 * the machine has it now does not matter: an instance must not move because a network card was late.
 */
export function publishAddress(clientAddresses: readonly string[]): string {
  const [only = '', ...others] = clientAddresses;
  return isIPv4(only) && others.length === 0 ? only : '0.0.0.0';
}

/** Address on the node-local bridge; empty where there is none. */
export const addressOnHost = (
  networks: Readonly<Record<string, { readonly IPAddress?: string } | undefined>>,
): string => Object.entries(networks).find(([name]) => name === 'bridge' || isHostNetwork(name))?.[1]?.IPAddress ?? '';

/** What is settled on each engine; the swarm's network of the same name refers to it. */
const optionsName = ({ name }: HostNetwork): string => `${name}-options`;

/**
 * Makes it where it is missing. Docker itself lets nobody pass from one container on it to another, nor to other bridges, and
 * publishes ports on the one address.
 */
export function ensureHostNetwork(docker: Docker, network: HostNetwork): Promise<void> {
  const before = turns.get(network.name) ?? Promise.resolve();
  const turn = before.catch(() => undefined).then(() => makeMissing(docker, network));
  turns.set(network.name, turn);
  return turn;
}

/** Of two that are asked for at once Docker makes both, of the same name. */
const turns = new Map<string, Promise<void>>();

async function makeMissing(docker: Docker, network: HostNetwork): Promise<void> {
  const { name, device, authority, publishOn } = network;
  const there = await reachDocker(docker.listNetworks({ filters: { name: [name] } }));
  const has = (wanted: string): boolean => there.some((one) => one.Name === wanted);
  const make = async (request: Readonly<Record<string, unknown>> & { readonly Name: string }): Promise<void> => {
    if (has(request.Name)) return;
    const options = { CheckDuplicate: true, Driver: 'bridge', ...request };
    await reachDocker(docker.createNetwork(options as Docker.NetworkCreateOptions)).catch(unlessThere);
  };
  const options = {
    'com.docker.network.bridge.name': device,
    'com.docker.network.bridge.enable_icc': 'false',
    'com.docker.network.bridge.host_binding_ipv4': publishOn,
  };
  const labels = { [AUTHORITY]: authority };
  await make({ Name: optionsName(network), ConfigOnly: true, Options: options, Labels: labels });
  await make({ Name: name, Scope: 'swarm', ConfigFrom: { Network: optionsName(network) } });
}

/** Another host, or another process of this one, has made it meanwhile: the engine says 409, the swarm's store 500. */
function unlessThere(err: unknown): void {
  const isThere =
    err instanceof DomainError &&
    (err.details['statusCode'] === 409 || /name conflicts with an existing/.test(err.message));
  if (!isThere) throw err;
}
