import { databaseRecords, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { Mirror, type Versioned } from '@windlass/resources/store';
import { listHostRecords } from '../../cluster/hosts.ts';
import { acceptRepair } from '../accept-repair.ts';
import { readAllInstances, type AllInstances } from '../view.ts';
import type { ServerDeps } from '../../core/deps.ts';
import { repeat } from '../../core/repeat.ts';
import { repairReasons } from './needs-repair.ts';
import { WantedComparisons } from './wanted-comparisons.ts';

const INTERVAL_MS = 2000;
/** A reason has to hold for this long: Swarm replaces a dead container by itself, and that is faster. */
const HOLDS_MS = 10_000;
/** One repair of a database at most in this time, so that one that does not help is not repeated without end. */
const PAUSE_MS = 60_000;

export interface Watch {
  readonly deps: ServerDeps;
  /** `report` only tells what it would repair. */
  readonly policy: 'auto' | 'report';
  readonly tell: (databaseId: string, reasons: readonly string[]) => void;
  readonly onError: (err: unknown) => void;
}

/** Looks after databases nobody is working on: what is missing is made again, what was put off is done. Several servers may do so at once. */
export class Caretaker {
  readonly #watch: Watch;
  readonly #since = new Map<string, number>();
  readonly #databases: Mirror<DatabaseRecord, [databaseId: string]>;
  readonly #acted = new Map<string, number>();
  readonly #comparisons: WantedComparisons;
  #stop = (): void => undefined;

  constructor(watch: Watch) {
    this.#watch = watch;
    this.#comparisons = new WantedComparisons(watch.deps);
    this.#databases = new Mirror(watch.deps.kv, databaseRecords, (err, { key }) =>
      watch.deps.unreadable.noticed(err, key),
    );
  }

  start(): void {
    this.#stop = repeat(
      () => this.look(),
      () => INTERVAL_MS,
      this.#watch.onError,
    );
  }

  stop(): void {
    this.#stop();
    void this.#databases.close().catch(this.#watch.onError);
  }

  /** One round over all databases. */
  async look(): Promise<void> {
    const { deps } = this.#watch;
    const { now } = deps;
    const [databases, instances, hosts] = await Promise.all([
      this.#databases.rows(),
      readAllInstances(deps),
      listHostRecords(deps),
    ]);
    const byId = new Map(hosts.map((host) => [host.id, host]));
    const holding = new Set<string>();
    for (const row of databases) {
      const { id } = row.value;
      const reasons = repairReasons({ record: row.value, statuses: instances.of(id), hosts: byId }, now());
      if (reasons.length === 0) continue;
      holding.add(id);
      if (this.#isDue(id, now().getTime())) await this.#act(row, reasons);
    }
    for (const id of this.#since.keys()) if (!holding.has(id)) this.#since.delete(id);
    if (this.#watch.policy === 'auto') await this.#compare(databases, instances);
  }

  async #compare(databases: readonly Versioned<DatabaseRecord>[], instances: AllInstances): Promise<void> {
    const records = databases.map(({ value }) => value);
    const begun = await this.#comparisons.look(records, (id) => instances.of(id));
    for (const [id, reason] of begun) this.#watch.tell(id, [`compares its nodes: ${reason}`]);
  }

  #isDue(id: string, now: number): boolean {
    const since = this.#since.get(id) ?? now;
    this.#since.set(id, since);
    return now - since >= HOLDS_MS && now - (this.#acted.get(id) ?? -PAUSE_MS) >= PAUSE_MS;
  }

  async #act({ value: record, revision }: Versioned<DatabaseRecord>, reasons: readonly string[]): Promise<void> {
    const { deps, policy, tell } = this.#watch;
    this.#acted.set(record.id, deps.now().getTime());
    tell(record.id, reasons);
    if (policy === 'auto') await acceptRepair(deps, { record, revision, reason: reasons.join('; ') });
  }
}
