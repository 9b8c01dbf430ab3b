import type { Clients, ContainerFacts } from '../clients/index.ts';
import { serviceOf } from '../inside/index.ts';
import type { Log } from '../../watcher/log.ts';
import { RECEIVES_NOTHING } from './sample-instance.ts';
import type { InstanceStatus } from '../records/index.ts';

/** A replica connects again within a second; one that has not after this time does not by itself. */
const RESTART_AFTER_MS = 15_000;
/** After its restart; a large one may need this long to become consistent. */
const COPY_AFTER_MS = 60_000;
/** Where its Postgres does not start since then: Patroni has tried again meanwhile. */
const COPY_WHAT_FAILED_AFTER_MS = 15_000;
/** Where it starts, came to the end of its WAL, and is not consistent. */
const COPY_WHAT_WAITS_AFTER_MS = 30_000;
/** It says every half a second where it waits. */
const WAITS_FOR_MS = 10_000;
/** A copy of a large database takes as long as it takes: it is not begun again meanwhile. */
const COPY_AGAIN_AFTER_MS = 3_600_000;
/** Patroni answers when Postgres serves; what it was asked for goes on when nobody waits any more. */
const RESTART_WITHIN_MS = 20_000;
const COPY_WITHIN_MS = 60_000;

interface Case {
  readonly since: number;
  readonly done: 'nothing' | 'restarted' | 'copied';
}

/**
 * Helps a replica that runs and receives nothing although there is a primary that answers it: first Patroni restarts its
 * Postgres, then, when that has not helped, it copies the primary anew (its WAL may be gone there). Where Postgres does not even
 * come up after that, its WAL is of another history than the primary's: a member that took over, and was lost before others heard of
 * it, has a timeline of the same number as the next one's, which pg_rewind cannot tell from it. Nothing is done while the primary
 * cannot be reached from the replica's own container: its data may then be the last there is.
 */
export class ReplicaMender {
  readonly #clients: Clients;
  readonly #log: Log;
  readonly #now: () => number;
  readonly #cases = new Map<string, Case>();
  readonly #busy = new Set<string>();

  constructor(clients: Clients, log: Log, now: () => number = Date.now) {
    this.#clients = clients;
    this.#log = log;
    this.#now = now;
  }

  /** Takes notice of a sample of an instance of this host; `scope` is Patroni's name of its node. */
  async note(status: InstanceStatus, scope: string): Promise<void> {
    const { instanceId } = status;
    const found = this.#cases.get(instanceId);
    const isDown = found?.done === 'restarted' && hasNotStarted(status);
    if (!isStuck(status) && !isDown) return void this.#cases.delete(instanceId);
    if (this.#busy.has(instanceId)) return;
    if (!found) return void this.#cases.set(instanceId, { since: this.#now(), done: 'nothing' });
    if (this.#now() - found.since < (isDown ? waitOf(status) : waitAfter(found.done))) return;
    this.#busy.add(instanceId);
    const next = found.done === 'nothing' ? 'restarted' : 'copied';
    try {
      if (isDown && !isFailed(status) && !(await this.#waitsForWal(instanceId))) return;
      await this.#mend(instanceId, scope, next);
    } catch (err) {
      if (next === 'copied') this.#cases.set(instanceId, found);
      this.#log.warn({ err, instanceId }, 'mending a replica did not work');
    } finally {
      this.#busy.delete(instanceId);
    }
  }

  async #mend(instanceId: string, scope: string, next: 'restarted' | 'copied'): Promise<void> {
    const { docker, patroni } = this.#clients;
    const container = await docker.serviceContainer(serviceOf(instanceId));
    if (container?.state !== 'running' || !(await this.#reachesPrimary(instanceId, scope, container))) return;
    this.#log.warn({ instanceId, scope, next }, 'a replica receives nothing from its primary, which answers it');
    this.#cases.set(instanceId, { since: this.#now(), done: next });
    if (next === 'restarted') await patroni.restart(container.address, AbortSignal.timeout(RESTART_WITHIN_MS));
    else await patroni.reinitialize(container.address, AbortSignal.timeout(COPY_WITHIN_MS));
  }

  /** Its Postgres says again and again that it waits at one and the same place: it has nothing more to replay. */
  async #waitsForWal(instanceId: string): Promise<boolean> {
    const { docker } = this.#clients;
    const container = await docker.serviceContainer(serviceOf(instanceId));
    const log = container ? await docker.log(container.id, new Date(this.#now() - WAITS_FOR_MS)) : '';
    const places = [...log.matchAll(/waiting for WAL to become available at ([0-9A-F/]+)/g)].map(([, place]) => place);
    return places.length > 1 && new Set(places).size === 1 && !log.includes('starting PostgreSQL');
  }

  /** Asked from inside the container: what this host can reach says nothing about what the replica can. */
  async #reachesPrimary(instanceId: string, scope: string, { id, address }: ContainerFacts): Promise<boolean> {
    const { dcs, docker, patroni } = this.#clients;
    const leader = await dcs.leader(scope);
    if (leader === undefined || leader === instanceId) return false;
    const host = (await patroni.cluster(address)).find((m) => m.name === leader)?.host ?? '';
    if (host === '') return false;
    const command = ['pg_isready', '-q', '-t', '3', '-h', host, '-p', '5432'];
    return (await docker.exec(id, { command, signal: AbortSignal.timeout(5000) })).exitCode === 0;
  }
}

const isStuck = ({ container, role, patroniState, error }: InstanceStatus): boolean =>
  container === 'running' && role === 'replica' && patroniState === 'running' && error === RECEIVES_NOTHING;

/** Patroni does not always answer while it tries. */
const hasNotStarted = ({ container, role, patroniState }: InstanceStatus): boolean =>
  container === 'running' && role !== 'primary' && patroniState !== 'running';

const isFailed = ({ patroniState }: InstanceStatus): boolean => patroniState === 'start failed';
const waitOf = (status: InstanceStatus): number =>
  isFailed(status) ? COPY_WHAT_FAILED_AFTER_MS : COPY_WHAT_WAITS_AFTER_MS;

const waitAfter = (done: Case['done']): number =>
  ({ nothing: RESTART_AFTER_MS, restarted: COPY_AFTER_MS, copied: COPY_AGAIN_AFTER_MS })[done];
