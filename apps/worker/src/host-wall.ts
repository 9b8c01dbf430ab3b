import {
  buildWall,
  isolatePorts,
  possibleKeys,
  removeWall,
  seesBridged,
  wallKey,
  type Wall,
} from '@windlass/resources/platform/clients';
import type { HostRecord } from '@windlass/resources/platform/records';
import type { BridgedContainer, BridgeFacts, Clients } from '@windlass/resources/postgres/clients';
import type { Log, Watcher } from '@windlass/resources/watcher';
import type { WallPlaces } from './wall-places.ts';

type Component = HostRecord['components'][string];

/** Somebody else may load other rules, and hosts come and go. */
const AGAIN_MS = 30_000;
/** The bridge knows a container by what that sends, and an engine that is away comes back. */
const SOON_MS = 2000;
/** Without a look for so long nobody knows what stands. */
const TOO_OLD_MS = 3 * AGAIN_MS;

export interface HostWallDeps {
  readonly docker: Pick<Clients['docker'], 'bridge' | 'onBridged'>;
  /** What is on this host belongs to this worker: who mounts something of it is one of its containers. */
  readonly dataDir: string;
  places(): Promise<WallPlaces>;
  readonly log: Log;
  /** Of this machine unless a test says otherwise. */
  readonly machine?: typeof MACHINE;
}

const MACHINE = {
  buildWall: (wall: Wall): Promise<void> => buildWall(wall),
  removeWall: (key: string): Promise<void> => removeWall(key),
  isolatePorts: (device: string, macs: readonly string[]): Promise<readonly string[]> => isolatePorts(device, macs),
  seesBridged,
};

/** Keeps the packet filter of this host: the containers of its databases reach etcd, and nothing else of the cluster's machines. */
export class HostWall implements Watcher {
  readonly #deps: HostWallDeps;
  readonly #machine: typeof MACHINE;
  readonly #key: string;
  #timer: NodeJS.Timeout | undefined;
  #stopListening: () => void = () => undefined;
  #stopped = false;
  #asked = false;
  /** Containers that the bridge keeps apart. */
  #apart: ReadonlySet<string> = new Set();
  #places: { readonly found: WallPlaces; readonly at: number } | undefined;
  #work: Promise<void> = Promise.resolve();
  #seen: { readonly component: Component; readonly at: number } | undefined;

  constructor(deps: HostWallDeps) {
    this.#deps = deps;
    this.#machine = deps.machine ?? MACHINE;
    this.#key = wallKey(deps.dataDir);
  }

  start(): void {
    this.#stopListening = this.#deps.docker.onBridged(() => this.#look(false));
    this.#look(true);
  }

  /** What stands goes on to stand. */
  stop(): void {
    this.#stopped = true;
    this.#stopListening();
    clearTimeout(this.#timer);
  }

  /** After it was stopped, on a host that is none any more: nothing is left of it. */
  async remove(): Promise<void> {
    await this.settled();
    await this.#machine.removeWall(this.#key).catch((err: unknown) => {
      this.#deps.log.warn({ err }, 'the packet filter of a host that was removed is left');
    });
  }

  /** Resolves when the looks that were asked for have ended. */
  settled(): Promise<void> {
    return this.#work;
  }

  /** Whether it stands; with the reason if it does not. The first look is waited for. */
  async component(): Promise<Component> {
    if (!this.#seen) await this.settled();
    if (this.#seen && performance.now() - this.#seen.at < TOO_OLD_MS) return this.#seen.component;
    return { healthy: false, error: 'the packet filter was not looked at for long: Docker does not answer' };
  }

  /** Those who ask while a look is waited for get the same one. */
  #look(regular: boolean): void {
    if (this.#asked || this.#stopped) return;
    this.#asked = true;
    clearTimeout(this.#timer);
    this.#work = this.#work.then(async () => {
      this.#asked = false;
      const again = await this.#build(regular);
      clearTimeout(this.#timer);
      if (!this.#stopped) this.#timer = setTimeout(() => this.#look(true), again).unref();
    });
  }

  /** @returns After how many ms somebody has to look again. */
  async #build(regular: boolean): Promise<number> {
    const bridge = await this.#deps.docker.bridge().catch(() => undefined);
    // What stands goes on to stand; whatever the engine starts when it is back is not to be waited for.
    if (!bridge) return SOON_MS;
    try {
      const own = bridge.containers.filter((one) => keysOf(one).includes(this.#key));
      await this.#machine.buildWall(this.#wall(bridge, await this.#currentPlaces()));
      const unknown = await this.#keepApart(bridge.device, own, regular);
      if (bridge.ipv6) throw new Error(`containers have addresses of IPv6 on ${bridge.device}, which are not filtered`);
      this.#say({ healthy: true, error: '', details: { containers: own.length } });
      return unknown ? SOON_MS : AGAIN_MS;
    } catch (err) {
      this.#say({ healthy: false, error: err instanceof Error ? err.message : 'unknown' });
      return AGAIN_MS;
    }
  }

  /**
   * What was seen to be apart is looked at anew only now and then.
   * @returns True when a container has to be looked for again soon. Where the bridge cannot keep them apart, the filter may.
   */
  async #keepApart(device: string, own: readonly BridgedContainer[], regular: boolean): Promise<boolean> {
    if (!regular && own.every(({ id }) => this.#apart.has(id))) return false;
    const macs = own.map(({ mac }) => mac);
    try {
      const unknown = new Set(await this.#machine.isolatePorts(device, macs));
      this.#apart = new Set(own.filter(({ mac }) => !unknown.has(mac)).map(({ id }) => id));
      return unknown.size > 0 && !(await this.#machine.seesBridged());
    } catch (err) {
      if (!(await this.#machine.seesBridged())) throw err;
      return false;
    }
  }

  #wall({ device, containers }: BridgeFacts, places: WallPlaces): Wall {
    const known = containers.map((one) => ({ address: one.address, keys: keysOf(one) }));
    return { key: this.#key, device, containers: known.sort((a, b) => (a.address < b.address ? -1 : 1)), ...places };
  }

  /** Names are not asked for, and etcd is not, at every container that comes. */
  async #currentPlaces(): Promise<WallPlaces> {
    if (!this.#places || performance.now() - this.#places.at > AGAIN_MS / 2)
      this.#places = { found: await this.#deps.places(), at: performance.now() };
    return this.#places.found;
  }

  /** In the log only where it is another state than before. */
  #say(component: Component): void {
    const before = this.#seen?.component;
    this.#seen = { component, at: performance.now() };
    if (before?.healthy === component.healthy && before.error === component.error) return;
    if (component.healthy)
      this.#deps.log.info({}, 'containers of databases reach etcd, and nothing else of the cluster');
    else
      this.#deps.log.warn(
        { reason: component.error },
        'containers of databases may reach more of the cluster than etcd',
      );
  }
}

/** Of the workers that it may be of; none of a container that is none of Windlass. */
const keysOf = ({ labels, mounts }: BridgedContainer): string[] =>
  labels['windlass.managed'] === 'true' ? possibleKeys(mounts) : [];
