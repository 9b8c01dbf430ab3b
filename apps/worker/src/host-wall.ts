import { lookup } from 'node:dns/promises';
import os from 'node:os';
import type { HostFacts } from '@windlass/resources/postgres/clients';
import { buildWall, type Place, type Wall } from '@windlass/resources/platform/clients';
import { hostRecords } from '@windlass/resources/platform/records';
import type { Kv } from '@windlass/resources/store';
import { unreadableTo, type Log, type Watcher } from '@windlass/resources/watcher';

/** Rules go when somebody loads others, and hosts come. */
const AGAIN_MS = 30_000;
/** An answer of the resolver that takes longer is none. */
const RESOLVE_MS = 2000;

export interface WallDeps {
  readonly kv: Kv;
  readonly host: Pick<HostFacts, 'network' | 'etcdEndpoints'>;
  /** Names or addresses of machines of the control plane. */
  readonly control: readonly string[];
  /** What containers may reach besides etcd, although it is on a machine of the cluster. */
  readonly allowed: readonly Place[];
  readonly log: Log;
  /** Brings the rules about; of this machine unless a test says otherwise. */
  build?(wall: Wall): Promise<void>;
}

/** Keeps the packet filter of this host: its containers reach etcd, and nothing else of the cluster's machines. */
export class HostWall implements Watcher {
  readonly #deps: WallDeps;
  #timer: NodeJS.Timeout | undefined;
  #stopped = false;
  #said: string | undefined;

  constructor(deps: WallDeps) {
    this.#deps = deps;
  }

  async start(): Promise<void> {
    await this.#look();
    if (!this.#stopped) this.#timer = setTimeout(() => void this.start(), AGAIN_MS);
  }

  stop(): void {
    this.#stopped = true;
    clearTimeout(this.#timer);
  }

  async #look(): Promise<void> {
    const { build = buildWall, log } = this.#deps;
    try {
      await build(await this.#wall());
      this.#say(undefined, () => log.info({}, 'containers of databases reach etcd, and nothing else of the cluster'));
    } catch (err) {
      const why = err instanceof Error ? err.message : 'unknown';
      const told =
        'containers of databases reach what listens on machines of the cluster: the packet filter is not there';
      this.#say(why, () => log.warn({ err }, told));
    }
  }

  /** Once for each reason. */
  #say(why: string | undefined, say: () => void): void {
    if (this.#said !== (why ?? '')) say();
    this.#said = why ?? '';
  }

  async #wall(): Promise<Wall> {
    const { kv, host, control, allowed, log } = this.#deps;
    const hosts = await hostRecords.list(kv, [], { unreadable: unreadableTo(log) });
    const endpoints = host.etcdEndpoints.map((url) => new URL(url));
    const names = [
      ...hosts.flatMap(({ value }) => [...value.peerAddresses, ...value.clientAddresses]),
      ...endpoints.map(({ hostname }) => hostname),
      ...control,
    ];
    const etcd = endpoints.map(({ hostname, port }) => ({ address: hostname, port: Number(port || '443') }));
    return {
      device: host.network.device,
      open: (await Promise.all([...etcd, ...allowed].map(resolved))).flat(),
      ours: (await addressesOf(names)).filter((address) => !isLoopback(address)).sort(),
    };
  }
}

const isLoopback = (address: string): boolean => address.startsWith('127.');

const resolved = async ({ address, port }: Place): Promise<Place[]> =>
  (await addressesOf([address])).map((one) => ({ address: one, port }));

/** IPv4 addresses of names; what the resolver does not know has none. */
async function addressesOf(names: readonly string[]): Promise<string[]> {
  const asked = [...new Set(names)].filter((name) => name !== '' && name !== os.hostname());
  const found = await Promise.all(
    asked.map((name) =>
      Promise.race([
        lookup(name, { family: 4, all: true }).then((all) => all.map(({ address }) => address)),
        new Promise<string[]>((resolve) => setTimeout(() => resolve([]), RESOLVE_MS).unref()),
      ]).catch(() => []),
    ),
  );
  return [...new Set(found.flat())];
}
