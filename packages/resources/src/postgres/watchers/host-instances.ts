import { peerSlot } from '../inside/index.ts';
import { entityOfPart, partOf, refKey, type EntityPart } from '../../engine/index.ts';
import { DomainError } from '../../errors/index.ts';
import { resourceRecords, type ResourceRecord } from '../../engine/records.ts';
import type { Kv } from '../../store/index.ts';
import type { Declared } from '../watch/index.ts';
import { z } from 'zod';
import { DeclaredContents, DECLARING } from './declared-contents.ts';

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
  /** Its node has peers; absent: it is the only one. */
  readonly replicates?: Replicates | undefined;
}

/** Which node it is, and whom it follows. */
export interface Replicates {
  readonly number: number;
  readonly peers: readonly { readonly number: number; readonly name: string }[];
}

/** What is needed of the specs and statuses of kinds, whichever version they were stored with. */
const instanceSpec = z.object({ instanceId: z.string(), nodeName: z.string(), scope: z.string(), serviceName: z.string() }); // prettier-ignore
const membersSpec = z.object({ members: z.array(z.string()), synchronousStandbys: z.number() });
/** Slots from which the peers of a node read at its primary; none where it has no peers. */
export const peerSlotsOf = (replicates: Replicates | undefined): string[] =>
  (replicates?.peers ?? []).map(({ number }) => peerSlot(number));

const peerSpec = z.object({ number: z.number(), name: z.string() });
const replicatorSpec = z.object({ number: z.number(), peers: z.array(peerSpec) });
const portStatus = z.object({ port: z.number() });

interface Stored {
  readonly record: ResourceRecord;
  readonly revision: number;
}
type Mine = z.output<typeof instanceSpec> & { readonly revision: number };
type Note = (key: string, stored: Stored | undefined) => void;
type Gone = Pick<HostInstance, 'key' | 'instanceId'>;

/** What is stored of the instances of one host, kept up to date by a watch: nobody asks etcd for it at every look. */
export class HostInstances {
  readonly #kv: Kv;
  readonly #hostId: string;
  readonly #onGone: (gone: Gone) => void;
  readonly #onError: (err: unknown) => void;
  readonly #instances = new Map<string, Mine>();
  readonly #ports = new Map<string, number>();
  /** Keys of the nodes whose commits wait for a standby. */
  readonly #synchronous = new Set<string>();
  /** Keys of the configurations of pgBackRest. */
  readonly #archives = new Set<string>();
  readonly #replicators = new Map<string, Replicates>();
  readonly #contents = new DeclaredContents();
  /** What is noted of each kind of resource. Of the others nothing is read: a host sees the records of the whole cluster. */
  readonly #notes: Readonly<Record<string, Note>> = {
    'patroni.members': (key, stored) => this.#noteNode(key, stored?.record),
    'host.port': (key, stored) => this.#notePort(key, stored?.record),
    'pgbackrest.config': (key, stored) => mark(this.#archives, key, stored !== undefined && stored.record.phase !== 'deleting'), // prettier-ignore
    'postgres.instance': (key, stored) => this.#noteInstance(key, stored),
    'replication.service': (key, stored) => this.#noteReplicator(key, stored?.record),
    ...Object.fromEntries(
      DECLARING.map((kind): [string, Note] => [kind, (key, stored) => this.#contents.note(key, stored?.record)]),
    ),
  };
  #watch: { close(): Promise<void> } | undefined;

  /** `onError` is told of a record that cannot be read: what was known of it before stays. */
  constructor(kv: Kv, hostId: string, onGone: (gone: Gone) => void, onError: (err: unknown) => void) {
    this.#kv = kv;
    this.#hostId = hostId;
    this.#onGone = onGone;
    this.#onError = onError;
  }

  async start(): Promise<void> {
    this.#watch = await this.#kv.watch(
      resourceRecords.under(),
      (change) => (change.deleted ? this.#drop(change.key) : this.#read(change)),
      () => void this.reload().catch(this.#onError),
    );
    await this.reload();
  }

  async stop(): Promise<void> {
    await this.#watch?.close();
  }

  /** Reads what is stored now, of one database or of all. */
  async reload(databaseId?: string): Promise<void> {
    const prefix = databaseId === undefined ? resourceRecords.under() : resourceRecords.under(database(databaseId));
    const known = [
      ...this.#instances.keys(),
      ...this.#ports.keys(),
      ...this.#synchronous,
      ...this.#archives,
      ...this.#replicators.keys(),
      ...this.#contents.keys(),
    ]; // what comes meanwhile stays
    const rows = await this.#kv.list(prefix);
    const keys = new Set(rows.map(({ key }) => key));
    for (const key of known) if (key.startsWith(prefix) && !keys.has(key)) this.#drop(key);
    for (const row of rows) this.#read(row);
  }

  /** Of one database, or of all. */
  list(databaseId?: string): HostInstance[] {
    const all = [...this.#instances.keys()].flatMap((key) => this.get(key) ?? []);
    return databaseId === undefined ? all : all.filter((one) => one.databaseId === databaseId);
  }

  get(key: string): HostInstance | undefined {
    const found = this.#instances.get(key);
    if (!found) return undefined;
    const [part] = resourceRecords.idOf(key);
    const { instanceId, nodeName, scope } = found;
    const keyOf = (kind: string, id: string): string => resourceRecords.key(part, refKey({ kind, id }));
    return {
      ...found,
      key,
      databaseId: entityOfPart(part).id,
      port: this.#ports.get(keyOf('host.port', instanceId)),
      synchronous: this.#synchronous.has(keyOf('patroni.members', scope)),
      archives: this.#archives.has(keyOf('pgbackrest.config', instanceId)),
      declared: this.#contents.of(part, nodeName),
      replicates: this.#replicators.get(keyOf('replication.service', instanceId)),
    };
  }

  #read(found: Parameters<typeof resourceRecords.row>[0]): void {
    const note = this.#notes[kindAt(found.key)];
    const row = note && resourceRecords.row(found, this.#onError);
    if (row) note(row.key, { record: row.value, revision: row.revision });
  }

  #drop(key: string): void {
    this.#notes[kindAt(key)]?.(key, undefined);
  }

  #noteInstance(key: string, stored: Stored | undefined): void {
    const { executor, phase } = stored?.record ?? {};
    const isMine = executor?.on === 'host' && executor.hostId === this.#hostId && phase !== 'deleting';
    const before = this.#instances.get(key);
    if (stored && before && before.revision > stored.revision) return; // the watch was faster than a list
    if (stored && isMine) this.#keep(key, stored);
    else if (this.#instances.delete(key)) this.#onGone({ key, instanceId: before?.instanceId ?? '' });
  }

  #keep(key: string, { record, revision }: Stored): void {
    const { data: spec } = instanceSpec.safeParse(record.spec);
    if (spec) this.#instances.set(key, { ...spec, revision });
    else this.#onError(new DomainError('record_unreadable', `the spec that is stored under '${key}' is no instance's`));
  }

  #notePort(key: string, record: ResourceRecord | undefined): void {
    const port = portStatus.safeParse(record?.status).data?.port;
    if (port === undefined) this.#ports.delete(key);
    else this.#ports.set(key, port);
  }

  #noteReplicator(key: string, record: ResourceRecord | undefined): void {
    const { data: spec } = replicatorSpec.safeParse(record?.spec);
    if (spec === undefined || record?.phase === 'deleting') this.#replicators.delete(key);
    else this.#replicators.set(key, spec);
  }

  #noteNode(key: string, record: ResourceRecord | undefined): void {
    const { data: spec } = membersSpec.safeParse(record?.spec);
    mark(this.#synchronous, key, spec !== undefined && spec.members.length > 1 && spec.synchronousStandbys > 0);
  }
}

const kindAt = (key: string): string => resourceRecords.idOf(key)[1].split('::')[0] ?? '';

const database = (id: string): EntityPart => partOf({ kind: 'database', id });

function mark(keys: Set<string>, key: string, holds: boolean): void {
  if (holds) keys.add(key);
  else keys.delete(key);
}
