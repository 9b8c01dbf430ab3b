import type { Kv, ResourceRecord } from '@windlass/resources/store';
import type { Declared } from '@windlass/resources/watch';
import { DeclaredContents } from './declared-contents.ts';

export interface HostInstance {
  readonly key: string;
  readonly databaseId: string;
  readonly instanceId: string;
  readonly nodeName: string;
  /** etcd's revision of the record. */
  readonly revision: number;
  /** Patroni's name of its node. */
  readonly scope: string;
  readonly serviceName: string;
  readonly port: number | undefined;
  /** Commits of its node wait for a standby. */
  readonly synchronous: boolean;
  /** Its backups are on: where it is the primary it archives its WAL. */
  readonly archives: boolean;
  /** What was made inside its Postgres. */
  readonly declared: Declared;
}

interface InstanceSpec {
  readonly instanceId: string;
  readonly nodeName: string;
  readonly scope: string;
  readonly serviceName: string;
}
interface MembersSpec {
  readonly members?: readonly string[];
  readonly synchronousStandbys?: number;
}
interface Stored {
  readonly record: ResourceRecord;
  readonly revision: number;
}

/** What is stored of the instances of one host, kept up to date by a watch: nobody asks etcd for it at every look. */
export class HostInstances {
  readonly #kv: Kv;
  readonly #hostId: string;
  readonly #onGone: (gone: Pick<HostInstance, 'key' | 'instanceId'>) => void;
  readonly #instances = new Map<string, Stored>();
  readonly #ports = new Map<string, number>();
  /** Keys of the nodes whose commits wait for a standby. */
  readonly #synchronous = new Set<string>();
  /** Keys of the configurations of pgBackRest. */
  readonly #archives = new Set<string>();
  readonly #contents = new DeclaredContents();
  #watch: { close(): Promise<void> } | undefined;

  constructor(kv: Kv, hostId: string, onGone: (gone: Pick<HostInstance, 'key' | 'instanceId'>) => void) {
    this.#kv = kv;
    this.#hostId = hostId;
    this.#onGone = onGone;
  }

  async start(onError: (err: unknown) => void): Promise<void> {
    this.#watch = await this.#kv.watch(
      'resources/',
      ({ key, deleted, value, revision }) =>
        this.#note(key, deleted ? undefined : { record: value as ResourceRecord, revision }),
      () => void this.reload().catch(onError),
    );
    await this.reload();
  }

  async stop(): Promise<void> {
    await this.#watch?.close();
  }

  /** Reads what is stored now, of one database or of all. */
  async reload(databaseId?: string): Promise<void> {
    const prefix = databaseId === undefined ? 'resources/' : `resources/${databaseId}/`;
    const known = [
      ...this.#instances.keys(),
      ...this.#ports.keys(),
      ...this.#synchronous,
      ...this.#archives,
      ...this.#contents.keys(),
    ]; // what comes meanwhile stays
    const rows = await this.#kv.list(prefix);
    const keys = new Set(rows.map(({ key }) => key));
    for (const key of known) if (key.startsWith(prefix) && !keys.has(key)) this.#note(key, undefined);
    for (const { key, value, revision } of rows) this.#note(key, { record: value as ResourceRecord, revision });
  }

  /** Of one database, or of all. */
  list(databaseId?: string): HostInstance[] {
    const all = [...this.#instances.keys()].flatMap((key) => this.get(key) ?? []);
    return databaseId === undefined ? all : all.filter((one) => one.databaseId === databaseId);
  }

  get(key: string): HostInstance | undefined {
    const found = this.#instances.get(key);
    const databaseId = key.split('/')[1];
    if (!found || databaseId === undefined) return undefined;
    const { instanceId, nodeName, scope, serviceName } = found.record.spec as InstanceSpec;
    return {
      key,
      databaseId,
      instanceId,
      nodeName,
      revision: found.revision,
      scope,
      serviceName,
      port: this.#ports.get(`resources/${databaseId}/host.port::${instanceId}`),
      synchronous: this.#synchronous.has(`resources/${databaseId}/patroni.members::${scope}`),
      archives: this.#archives.has(`resources/${databaseId}/pgbackrest.config::${instanceId}`),
      declared: this.#contents.of(databaseId, nodeName),
    };
  }

  #note(key: string, stored: Stored | undefined): void {
    this.#contents.note(key, stored?.record);
    if (key.includes('/patroni.members::')) this.#noteNode(key, stored?.record);
    if (key.includes('/host.port::')) this.#notePort(key, stored?.record);
    if (key.includes('/pgbackrest.config::'))
      mark(this.#archives, key, stored !== undefined && stored.record.phase !== 'deleting');
    if (key.includes('/postgres.instance::')) this.#noteInstance(key, stored);
  }

  #noteInstance(key: string, stored: Stored | undefined): void {
    const { executor, phase } = stored?.record ?? {};
    const isMine = executor?.on === 'host' && executor.hostId === this.#hostId && phase !== 'deleting';
    const before = this.#instances.get(key);
    if (stored && before && before.revision > stored.revision) return; // the watch was faster than a list
    if (stored && isMine) this.#instances.set(key, stored);
    else if (this.#instances.delete(key)) this.#onGone({ key, instanceId: before?.record.ref.id ?? '' });
  }

  #notePort(key: string, record: ResourceRecord | undefined): void {
    const { port } = (record?.status ?? {}) as { readonly port?: number };
    if (port === undefined) this.#ports.delete(key);
    else this.#ports.set(key, port);
  }

  #noteNode(key: string, record: ResourceRecord | undefined): void {
    const { members = [], synchronousStandbys = 0 } = (record?.spec ?? {}) as MembersSpec;
    mark(this.#synchronous, key, members.length > 1 && synchronousStandbys > 0);
  }
}

function mark(keys: Set<string>, key: string, holds: boolean): void {
  if (holds) keys.add(key);
  else keys.delete(key);
}
