import { setTimeout as sleep } from 'node:timers/promises';
import type { Clients } from '../clients/index.ts';
import { probeRole, serviceOf, type ProbedRole } from '../inside/index.ts';
import type { Log } from '../../watcher/log.ts';

/** An instance that belongs to this host. */
export interface LocalMember {
  readonly scope: string;
  readonly instanceId: string;
}

const PROBE_MS = 1500;
const LOOK_AGAIN_MS = 500;
/** So long an instance that does not answer is looked at: a host that stood still may need some time to go on. */
const LOOK_FOR_MS = 30_000;

/**
 * Ends a primary that goes on taking writes although another member holds the leader's lock. Patroni stops such a Postgres
 * itself before its lease runs out; one that is frozen or killed cannot. Swarm starts the container again, and Patroni
 * makes it a replica. Both have to be seen at the same time: the lock of another member, and a committed write.
 */
export class StalePrimaries {
  readonly #clients: Clients;
  readonly #members: () => readonly LocalMember[];
  readonly #log: Log;
  readonly #stop = new AbortController();
  readonly #running = new Map<string, Promise<void>>();
  #watch: { close(): Promise<void> } | undefined;

  constructor(clients: Clients, members: () => readonly LocalMember[], log: Log) {
    this.#clients = clients;
    this.#members = members;
    this.#log = log;
  }

  /** Looks at every member of this host once, and at those of a node whose lock changes hands. */
  async start(): Promise<void> {
    const look = (scope?: string): void =>
      this.#members()
        .filter((member) => scope === undefined || member.scope === scope)
        .forEach((member) => this.#look(member));
    this.#watch = await this.#clients.dcs.onLeader(look, () => look());
    look();
  }

  async stop(): Promise<void> {
    this.#stop.abort();
    await this.#watch?.close();
    await this.settled();
  }

  /** Resolves when everybody is looked at. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  #look(member: LocalMember): void {
    const { instanceId } = member;
    if (this.#running.has(instanceId)) return;
    const looked = this.#untilClear(member)
      .catch((err: unknown) => {
        if (!this.#stop.signal.aborted) this.#log.warn({ err, instanceId }, 'looking for a stale primary did not work');
      })
      .finally(() => this.#running.delete(instanceId));
    this.#running.set(instanceId, looked);
  }

  async #untilClear({ scope, instanceId }: LocalMember): Promise<void> {
    const { docker, dcs } = this.#clients;
    const until = performance.now() + LOOK_FOR_MS;
    while (performance.now() < until) {
      if (!isOther(await dcs.leader(scope), instanceId)) return;
      const container = await docker.serviceContainer(serviceOf(instanceId));
      if (container?.state !== 'running') return;
      const role = await this.#roleOf(container.address);
      const leader = await dcs.leader(scope);
      if (role === 'writable' && isOther(leader, instanceId)) {
        this.#log.warn({ instanceId, scope, leader }, 'ending a stale primary: another member holds the lock');
        return docker.kill(container.id, 'SIGKILL');
      }
      if (role !== undefined) return;
      await sleep(LOOK_AGAIN_MS, undefined, { signal: this.#stop.signal });
    }
  }

  /** Undefined where it does not say: it is stopping, starting, or waits for a standby that has left. */
  async #roleOf(address: string): Promise<ProbedRole | undefined> {
    const signal = AbortSignal.any([this.#stop.signal, AbortSignal.timeout(PROBE_MS)]);
    return probeRole(this.#clients, address, signal).catch(() => undefined);
  }
}

const isOther = (leader: string | undefined, instanceId: string): boolean =>
  leader !== undefined && leader !== instanceId;
