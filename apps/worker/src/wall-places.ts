import { lookup } from 'node:dns/promises';
import { isIPv4 } from 'node:net';
import os from 'node:os';
import type { Place, Wall } from '@windlass/resources/platform/clients';
import { hostRecords } from '@windlass/resources/platform/records';
import type { Kv } from '@windlass/resources/store';
import { unreadableTo, type Log } from '@windlass/resources/watcher';
import type { WorkerConfig } from './config.ts';

/** What the packet filter of a host goes by besides its containers. */
export type WallPlaces = Pick<Wall, 'open' | 'machines' | 'publishOn'>;

type Settings = Pick<
  WorkerConfig,
  | 'WINDLASS_ADVERTISED_ETCD_ENDPOINTS'
  | 'WINDLASS_CLIENT_ADDRESSES'
  | 'WINDLASS_DATABASES_MAY_REACH'
  | 'WINDLASS_PUBLISH_ADDRESSES'
  | 'WINDLASS_SERVER_URLS'
  | 'WINDLASS_TEMPORAL_ADDRESS'
>;

/** An answer of the resolver that takes longer is none. */
const RESOLVE_MS = 2000;

/** Looks for the machines of the cluster: hosts as they report themselves, and what this worker is told of the others. */
export function wallPlaces(config: Settings, kv: Kv, log: Log): () => Promise<WallPlaces> {
  let reported: readonly string[] = [];
  const endpoints = config.WINDLASS_ADVERTISED_ETCD_ENDPOINTS.map((url) => new URL(url));
  const etcd = endpoints.map(({ hostname, port }) => ({ address: hostname, port: Number(port || '443') }));
  const told = [
    ...endpoints.map(({ hostname }) => hostname),
    ...config.WINDLASS_SERVER_URLS.map((url) => new URL(url).hostname),
    config.WINDLASS_TEMPORAL_ADDRESS.replace(/:\d+$/, ''),
  ];
  return async () => {
    // Without etcd those that were there before are there still.
    reported = await reportedAddresses(kv, log).catch(() => reported);
    const [machines, open] = await Promise.all([
      addressesOf([...reported, ...told]),
      Promise.all([...etcd, ...config.WINDLASS_DATABASES_MAY_REACH].map(resolved)),
    ]);
    return {
      open: open.flat(),
      machines: machines.filter((address) => !address.startsWith('127.')).sort(),
      publishOn: publishOn(config, ownAddresses()),
    };
  };
}

/**
 * Where published ports answer; undefined: everywhere. Unless it is said, at the client addresses, where all of them are addresses of
 * this machine: behind a router that has the outer address, or where clients are told a name, nobody here knows.
 */
export function publishOn(config: Settings, own: ReadonlySet<string>): readonly string[] | undefined {
  const { WINDLASS_PUBLISH_ADDRESSES: said, WINDLASS_CLIENT_ADDRESSES: clients } = config;
  if (said.length > 0) return said.includes('0.0.0.0') ? undefined : said;
  return clients.every((address) => own.has(address)) ? clients : undefined;
}

const ownAddresses = (): ReadonlySet<string> =>
  new Set(
    Object.values(os.networkInterfaces()).flatMap((all = []) => all.map(({ address }) => address).filter(isIPv4)),
  );

async function reportedAddresses(kv: Kv, log: Log): Promise<string[]> {
  const hosts = await hostRecords.list(kv, [], { unreadable: unreadableTo(log) });
  return hosts.flatMap(({ value }) => [...value.peerAddresses, ...value.clientAddresses]);
}

const resolved = async ({ address, port }: Place): Promise<Place[]> =>
  (await addressesOf([address])).map((one) => ({ address: one, port }));

/** IPv4 addresses of names; what the resolver does not know has none. */
async function addressesOf(names: readonly string[]): Promise<string[]> {
  const found = await Promise.all([...new Set(names)].filter((name) => name !== '').map(resolve));
  return [...new Set(found.flat())];
}

async function resolve(name: string): Promise<string[]> {
  if (isIPv4(name)) return [name];
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<string[]>((settle) => (timer = setTimeout(() => settle([]), RESOLVE_MS)));
  const asked = lookup(name, { family: 4, all: true }).then((all) => all.map(({ address }) => address));
  try {
    return await Promise.race([asked.catch(() => []), late]);
  } finally {
    clearTimeout(timer);
  }
}
