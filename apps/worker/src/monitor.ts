import type { Clients } from '@windlass/resources/clients';
import { instancePath } from '@windlass/resources/kinds';
import type { InstanceStatus, Kv, ResourceRecord } from '@windlass/resources/store';
import { ArchiveWatches } from './archive-watches.ts';
import { sampleInstance } from './sample-instance.ts';

/** A sample is at most this old plus the time a sample takes (1.5 s when an instance hangs). */
const INTERVAL_MS = 3300;
/** An unchanged status is written again after this long, so that readers can tell a fresh one from a dead worker's. */
const REWRITE_MS = 5000;
/** A primary that has no synchronous standby named is sampled, and so told to name one, this often: Patroni needs two turns. */
const UNPROTECTED_MS = 300;

interface MembersSpec {
  readonly members?: readonly string[];
  readonly synchronousStandbys?: number;
}

/** Keeps `instance-status/` true for every instance of this host: asks the instance itself, never the plan. */
export class InstanceMonitor {
  readonly #kv: Kv;
  readonly #clients: Clients;
  readonly #onError: (err: unknown) => void;
  readonly #onSample: (status: InstanceStatus, scope: string) => Promise<void>;
  readonly #instances = new Map<string, ResourceRecord>();
  /** Keys of the nodes whose commits wait for a standby. */
  readonly #synchronous = new Set<string>();
  readonly #written = new Map<string, { readonly text: string; readonly at: number }>();
  /** Samples are numbered when they begin: one that hung must not overwrite one that began later. */
  readonly #newest = new Map<string, number>();
  /** The next samples of instances that cannot wait for their turn. */
  readonly #soon = new Map<string, NodeJS.Timeout>();
  readonly #archives: ArchiveWatches;
  #samples = 0;
  #stopped = false;
  #watch: { close(): Promise<void> } | undefined;
  #timer: NodeJS.Timeout | undefined;

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
    this.#archives = new ArchiveWatches(
      (instanceId) => clients.files.absolute(`${instancePath(instanceId)}/data/pgdata`),
      (instanceId) => this.#archived(instanceId),
    );
  }

  async start(): Promise<void> {
    this.#watch = await this.#kv.watch(
      'resources/',
      (change) => this.#note(change.key, change.deleted ? undefined : (change.value as ResourceRecord)),
      () => void this.#reload().catch(this.#onError),
    );
    await this.#reload();
    this.#schedule(0);
  }

  async stop(): Promise<void> {
    this.#stopped = true;
    clearTimeout(this.#timer);
    for (const timer of this.#soon.values()) clearTimeout(timer);
    this.#archives.close();
    await this.#watch?.close();
  }

  /** The instances of this host. */
  members(): { readonly scope: string; readonly instanceId: string }[] {
    return [...this.#instances.values()].map(({ spec, ref }) => ({
      scope: (spec as { readonly scope: string }).scope,
      instanceId: ref.id,
    }));
  }

  /** Samples the instances of one database now; resolves when the statuses are stored. */
  async sample(databaseId: string): Promise<void> {
    await this.#reload();
    const keys = [...this.#instances.keys()].filter((key) => key.startsWith(`resources/${databaseId}/`));
    await Promise.all(keys.map((key) => this.#sampleOne(key)));
  }

  #schedule(afterMs = INTERVAL_MS): void {
    this.#timer = setTimeout(() => {
      void Promise.all([...this.#instances.keys()].map((key) => this.#sampleOne(key)))
        .catch(this.#onError)
        .finally(() => this.#schedule());
    }, afterMs);
  }

  #sampleSoon(key: string): void {
    clearTimeout(this.#soon.get(key));
    if (this.#stopped) return;
    const sample = (): void => void this.#sampleOne(key).catch(this.#onError);
    this.#soon.set(key, setTimeout(sample, UNPROTECTED_MS));
  }

  #archived(instanceId: string): void {
    for (const [key, { ref }] of this.#instances)
      if (ref.id === instanceId) void this.#sampleOne(key).catch(this.#onError);
  }

  async #reload(): Promise<void> {
    const rows = await this.#kv.list('resources/');
    const keys = new Set(rows.map(({ key }) => key));
    for (const key of this.#instances.keys()) if (!keys.has(key)) this.#forget(key);
    this.#synchronous.clear();
    for (const row of rows) this.#note(row.key, row.value as ResourceRecord);
  }

  #note(key: string, record: ResourceRecord | undefined): void {
    if (key.includes('/patroni.members::')) this.#noteNode(key, record);
    if (!key.includes('/postgres.instance::')) return;
    const mine = record?.executor.on === 'host' && record.executor.hostId === this.#clients.host.hostId;
    if (record && mine && record.phase !== 'deleting') this.#instances.set(key, record);
    else this.#forget(key);
  }

  #forget(key: string): void {
    const gone = this.#instances.get(key);
    this.#instances.delete(key);
    clearTimeout(this.#soon.get(key));
    this.#soon.delete(key);
    if (gone) this.#archives.leave(gone.ref.id);
  }

  #noteNode(key: string, record: ResourceRecord | undefined): void {
    const { members = [], synchronousStandbys = 0 } = (record?.spec ?? {}) as MembersSpec;
    if (members.length > 1 && synchronousStandbys > 0) this.#synchronous.add(key);
    else this.#synchronous.delete(key);
  }

  async #sampleOne(key: string): Promise<void> {
    const record = this.#instances.get(key);
    const databaseId = key.split('/')[1];
    if (!record || databaseId === undefined) return;
    const begun = ++this.#samples;
    const port = await this.#portOf(databaseId, record);
    const { scope } = record.spec as { readonly scope: string };
    const synchronous = this.#synchronous.has(`resources/${databaseId}/patroni.members::${scope}`);
    const status = await sampleInstance(this.#clients, databaseId, record, { port, synchronous });
    if (this.#instances.get(key) === undefined || begun < (this.#newest.get(key) ?? 0)) return;
    this.#newest.set(key, begun);
    await this.#store(key, status);
    if (status.unprotected) this.#sampleSoon(key);
    // Only a primary whose backups are on: a replica notes each segment that it receives as done, too.
    if (status.archiving) await this.#archives.follow(status.instanceId);
    else this.#archives.leave(status.instanceId);
    void this.#onSample(status, scope).catch(this.#onError); // may take long: nobody's sample waits for it
  }

  async #portOf(databaseId: string, record: ResourceRecord): Promise<number | undefined> {
    const found = await this.#kv.get(`resources/${databaseId}/host.port::${record.ref.id}`);
    return ((found?.value as ResourceRecord | undefined)?.status as { port?: number } | undefined)?.port;
  }

  /** Never for an instance that has been removed while it was sampled: nobody would take its status away. */
  async #store(key: string, status: InstanceStatus): Promise<void> {
    const { sampledAt: _sampledAt, createdAt: _createdAt, ...facts } = status;
    const text = JSON.stringify(facts);
    const before = this.#written.get(key);
    if (before?.text === text && Date.now() - before.at < REWRITE_MS - INTERVAL_MS) return;
    const statusKey = `instance-status/${status.databaseId}/${status.instanceId}`;
    const existing = (await this.#kv.get(statusKey))?.value as InstanceStatus | undefined;
    const record = await this.#kv.get(key);
    if (!record) return;
    const value = { ...status, createdAt: existing?.createdAt ?? status.createdAt };
    await this.#kv.commit([{ key, revision: record.revision }], [{ put: statusKey, value }]);
    this.#written.set(key, { text, at: Date.now() });
  }
}
