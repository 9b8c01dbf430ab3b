import type { Clients, ContainerSummary } from '../clients/index.ts';
import { instancePath } from '../kinds/index.ts';
import { instanceStatuses, type InstanceStatus } from '../records/index.ts';
import type { Kv } from '../../store/index.ts';
import { ArchiveWatches } from './archive-watches.ts';
import { ConditionLooks } from './condition-looks.ts';
import { HostInstances, type HostInstance } from './host-instances.ts';
import { ReplicatorLooks } from './replicator-looks.ts';
import type { ReplicationSample } from './sample-replication.ts';
import { sampleInstance } from './sample-instance.ts';

/** A sample is at most this old plus the time a sample takes (1.5 s when an instance hangs). */
const INTERVAL_MS = 3300;
/** An unchanged status is written again after this long, so that readers can tell a fresh one from a dead worker's. */
const REWRITE_MS = 5000;
/** A primary that has no synchronous standby named is sampled, and so told to name one, this often: Patroni needs two turns. */
const UNPROTECTED_MS = 300;

interface Written {
  readonly text: string;
  readonly at: number;
  readonly createdAt: string;
}

/** Keeps `instance-status/` true for every instance of this host: asks the instance itself, never the plan. */
export class InstanceMonitor {
  readonly #kv: Kv;
  readonly #clients: Clients;
  readonly #onError: (err: unknown) => void;
  readonly #onSample: (status: InstanceStatus, scope: string) => Promise<void>;
  readonly #instances: HostInstances;
  readonly #written = new Map<string, Written>();
  /** Samples are numbered when they begin: one that hung must not overwrite one that began later. */
  readonly #newest = new Map<string, number>();
  /** The next samples of instances that cannot wait for their turn. */
  readonly #soon = new Map<string, NodeJS.Timeout>();
  readonly #archives: ArchiveWatches;
  readonly #conditions: ConditionLooks;
  readonly #replicators: ReplicatorLooks;
  /** Where each instance was found last. */
  readonly #addresses = new Map<string, string>();
  #samples = 0;
  #stopped = false;
  #timer: NodeJS.Timeout | undefined;
  #unsubscribe: () => void = () => undefined;

  constructor(
    kv: Kv,
    clients: Clients,
    onError: (err: unknown) => void,
    onSample: (status: InstanceStatus, scope: string) => Promise<void> = () => Promise.resolve(),
  ) {
    this.#onSample = onSample;
    this.#kv = kv;
    this.#clients = clients;
    this.#onError = onError;
    this.#instances = new HostInstances(kv, clients.host.hostId, (gone) => this.#forget(gone), onError);
    this.#conditions = new ConditionLooks(clients, (key) => this.#sampleNow((one) => one.key === key));
    this.#replicators = new ReplicatorLooks(clients.replication, (key) => this.#sampleNow((one) => one.key === key));
    this.#archives = new ArchiveWatches(
      (instanceId) => clients.files.absolute(`${instancePath(instanceId)}/data/pgdata`),
      (instanceId) => this.#archived(instanceId),
    );
  }

  async start(): Promise<void> {
    await this.#instances.start();
    this.#unsubscribe = this.#clients.postgres.onSessionLost((address) => this.#lost(address));
    this.#replicators.start();
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    this.#unsubscribe();
    clearTimeout(this.#timer);
    for (const timer of this.#soon.values()) clearTimeout(timer);
    this.#archives.close();
    this.#replicators.stop();
    await this.#instances.stop();
  }

  /** The instances of this host. */
  members(): Pick<HostInstance, 'scope' | 'instanceId' | 'replicates'>[] {
    return this.#instances.list();
  }

  /** Samples the instances of one database now; resolves when the statuses are stored. */
  async sample(databaseId: string): Promise<void> {
    await this.#instances.reload(databaseId);
    await this.#sampleAll(this.#instances.list(databaseId));
  }

  #schedule(afterMs = INTERVAL_MS): void {
    this.#timer = setTimeout(() => {
      void this.#sampleAll(this.#instances.list())
        .catch(this.#onError)
        .finally(() => this.#schedule());
    }, afterMs);
  }

  async #sampleAll(instances: readonly HostInstance[]): Promise<void> {
    if (instances.length === 0) return;
    const containers = this.#clients.docker.serviceContainers();
    containers.catch(() => undefined); // each sample says so
    await Promise.all(instances.map((one) => this.#sampleOne(one, containers)));
  }

  #sampleSoon(key: string): void {
    clearTimeout(this.#soon.get(key));
    if (this.#stopped) return;
    const sample = (): void => this.#sampleNow((one) => one.key === key);
    this.#soon.set(key, setTimeout(sample, UNPROTECTED_MS));
  }

  #sampleNow(which: (instance: HostInstance) => boolean): void {
    if (!this.#stopped) void this.#sampleAll(this.#instances.list().filter(which)).catch(this.#onError);
  }

  #archived(instanceId: string): void {
    this.#sampleNow((one) => one.instanceId === instanceId);
  }

  /** Nobody waits for the next turn to see that a Postgres has died. */
  #lost(address: string): void {
    this.#sampleNow(({ key }) => this.#addresses.get(key) === address);
  }

  #forget({ key, instanceId }: Pick<HostInstance, 'key' | 'instanceId'>): void {
    clearTimeout(this.#soon.get(key));
    for (const known of [this.#soon, this.#written, this.#newest, this.#addresses]) known.delete(key);
    this.#archives.leave(instanceId);
    this.#conditions.forget(key);
    this.#replicators.forget(key);
  }

  async #sampleOne(instance: HostInstance, containers: Promise<ReadonlyMap<string, ContainerSummary>>): Promise<void> {
    const { key, scope } = instance;
    const begun = ++this.#samples;
    const container = containers.then((found) => {
      const mine = found.get(instance.serviceName);
      if (mine) this.#addresses.set(key, mine.address);
      return mine;
    });
    const sampled = await sampleInstance(this.#clients, instance, container);
    const followed = await this.#followed(instance, sampled, containers);
    const looked = this.#conditions.of(instance, await container.catch(() => undefined), sampled);
    const conditions = [...looked, ...(followed?.conditions ?? [])];
    const status = {
      ...sampled,
      ...(followed && { replication: followed.status }),
      ...(conditions.length > 0 && { conditions }),
    };
    if (this.#instances.get(key) === undefined || begun < (this.#newest.get(key) ?? 0)) return;
    this.#newest.set(key, begun);
    await this.#store(key, status);
    if (status.unprotected) this.#sampleSoon(key);
    // Only a primary whose backups are on: a replica notes each segment that it receives as done, too.
    if (status.archiving) await this.#archives.follow(status.instanceId);
    else this.#archives.leave(status.instanceId);
    void this.#onSample(status, scope).catch(this.#onError); // may take long: nobody's sample waits for it
  }

  /** Only the replicator beside a primary has something to do. */
  async #followed(
    instance: HostInstance,
    { writable }: InstanceStatus,
    containers: Promise<ReadonlyMap<string, ContainerSummary>>,
  ): Promise<ReplicationSample | undefined> {
    if (instance.replicates && writable) return this.#replicators.sample(instance, instance.replicates, containers);
    this.#replicators.forget(instance.key);
    return undefined;
  }

  async #store(key: string, status: InstanceStatus): Promise<void> {
    // How far a replica is behind changes with every write: that is written with the rest.
    const { sampledAt: _sampledAt, createdAt: _createdAt, lagBytes: _lagBytes, ...facts } = status;
    const text = JSON.stringify(facts);
    const before = this.#written.get(key);
    if (before?.text === text && Date.now() - before.at < REWRITE_MS - INTERVAL_MS) return;
    const createdAt = (before ?? (await this.#stored(status)))?.createdAt ?? status.createdAt;
    if (await this.#put(key, { ...status, createdAt })) this.#written.set(key, { text, at: Date.now(), createdAt });
  }

  /** One that cannot be read is told, and written over. */
  async #stored({ databaseId, instanceId }: InstanceStatus): Promise<InstanceStatus | undefined> {
    const key = instanceStatuses.key(databaseId, instanceId);
    const found = await this.#kv.get(key);
    return found && instanceStatuses.row({ key, ...found }, this.#onError)?.value;
  }

  /** Never for an instance that has been removed while it was sampled: nobody would take its status away. */
  async #put(key: string, status: InstanceStatus): Promise<boolean> {
    const put = instanceStatuses.put(status, status.databaseId, status.instanceId);
    const write = async (revision: number | undefined): Promise<boolean> =>
      revision !== undefined && (await this.#kv.commit([{ key, revision }], [put])) !== false;
    // The watch may be a moment behind.
    return (await write(this.#instances.get(key)?.revision)) || write((await this.#kv.get(key))?.revision);
  }
}
