import type { Clients, ContainerSummary, PostgresSession } from '../clients/index.ts';
import { isMemberSlot, isPeerSlot, serviceOf } from '../inside/index.ts';

import type { Log } from '../../watcher/log.ts';
import { AwaitedStandbys } from './awaited-standbys.ts';

/** An instance of this host, of a database with several nodes. */
export interface ReplicatingMember {
  readonly scope: string;
  readonly instanceId: string;
  /** Slots from which its peers read at the primary. */
  readonly peerSlots: readonly string[];
}

const LOOK_EVERY_MS = 1000;
const WITHIN_MS = 3000;
/** The worker of Postgres that copies slots sleeps up to 30 s; so often it is woken while one is missing. */
const WAKE_EVERY_MS = 3000;
/** A copy is usable from a snapshot on that the primary writes to the WAL every 15 s: for so long after a replica has come it does at each look. */
const HASTEN_MS = 60_000;
const SETTING = 'synchronized_standby_slots';

/** The newest container of each service: Docker is asked once for all members. */
type Containers = ReadonlyMap<string, ContainerSummary>;

interface Row {
  readonly replica: boolean;
  /** Null: this Postgres does not know the setting. */
  readonly listed: string | null;
  readonly synchronous: string;
  readonly flushed: string | null;
  readonly receiving: boolean;
  readonly slots: readonly Slot[];
}
interface Slot {
  readonly name: string;
  readonly physical: boolean;
  readonly active: boolean;
  readonly temporary: boolean;
  readonly at: string | null;
  readonly synced: boolean;
  readonly invalid: boolean;
}

/**
 * Keeps the slots from which other nodes read usable where a replica takes over. At a primary: streams to peers wait for the replicas that
 * keep up, and for no other; and what copies begin with is written more often when one has come. At a replica: a slot that is left from when it was the primary is dropped, as it would keep all of them from
 * being copied, and the copying is hastened while one is missing. Needs no etcd but for dropping. Since Postgres 17.
 */
export class FailoverSlots {
  readonly #clients: Clients;
  readonly #members: () => readonly ReplicatingMember[];
  readonly #log: Log;
  readonly #awaited = new Map<string, AwaitedStandbys>();
  readonly #wokenAt = new Map<string, number>();
  /** Which replicas followed a primary when they were looked at, and since when. */
  readonly #followed = new Map<string, { readonly by: string; readonly since: number }>();
  readonly #running = new Map<string, Promise<void>>();
  #timer: NodeJS.Timeout | undefined;

  constructor(clients: Clients, members: () => readonly ReplicatingMember[], log: Log) {
    this.#clients = clients;
    this.#members = members;
    this.#log = log;
  }

  start(): void {
    this.#timer = setInterval(() => this.look(), LOOK_EVERY_MS);
  }

  async stop(): Promise<void> {
    clearInterval(this.#timer);
    await this.settled();
  }

  /** Resolves when what was begun is done. */
  async settled(): Promise<void> {
    await Promise.all(this.#running.values());
  }

  /** Begins to look at every member that is not being looked at. */
  look(): void {
    const members = this.#members();
    const known = new Set(members.map(({ instanceId }) => instanceId));
    for (const id of this.#awaited.keys()) if (!known.has(id)) this.#forget(id);
    const free = members.filter(({ instanceId }) => !this.#running.has(instanceId));
    if (free.length === 0) return;
    const containers = this.#clients.docker.serviceContainers();
    for (const member of free) this.#begin(member, containers);
  }

  #begin(member: ReplicatingMember, containers: Promise<Containers>): void {
    const { instanceId } = member;
    const looked = this.#look(member, containers)
      .catch((err: unknown) => this.#log.warn({ err, instanceId }, 'looking after the slots of peers did not work'))
      .finally(() => this.#running.delete(instanceId));
    this.#running.set(instanceId, looked);
  }

  #forget(instanceId: string): void {
    this.#awaited.delete(instanceId);
    this.#wokenAt.delete(instanceId);
    this.#followed.delete(instanceId);
  }

  async #look(member: ReplicatingMember, containers: Promise<Containers>): Promise<void> {
    const { postgres } = this.#clients;
    const container = (await containers).get(serviceOf(member.instanceId));
    if (container?.state !== 'running') return this.#forget(member.instanceId);
    const signal = AbortSignal.timeout(WITHIN_MS);
    const target = { address: container.address, database: 'postgres', keep: true, signal } as const;
    await postgres.session(target, async (session) => {
      const [row] = await session.query<Row>(LOOK);
      if (row === undefined || row.listed === null) return;
      if (row.replica) await this.#atReplica(session, member, row);
      else await this.#atPrimary(session, member, row);
    });
  }

  async #atPrimary(session: PostgresSession, { scope, instanceId }: ReplicatingMember, row: Row): Promise<void> {
    const awaited = this.#awaited.get(instanceId) ?? new AwaitedStandbys();
    this.#awaited.set(instanceId, awaited);
    const listed = namesOf(row.listed);
    const standbys = row.slots
      .filter(({ name, physical }) => physical && isMemberSlot(scope, name))
      .map(({ name, active, at }) => ({ name, active, at: at === null ? null : BigInt(at) }));
    const { synchronous, flushed } = row;
    await this.#list(session, instanceId, listed, awaited.look({ flushed: BigInt(flushed ?? 0), standbys, synchronous, listed })); // prettier-ignore
    const by = standbys.flatMap(({ name, active }) => (active ? [name] : [])).join();
    if (by !== '' && row.slots.some(({ name }) => isPeerSlot(name))) await this.#hasten(session, instanceId, by);
  }

  async #hasten(session: PostgresSession, instanceId: string, by: string): Promise<void> {
    const now = performance.now();
    const before = this.#followed.get(instanceId);
    const since = before?.by === by ? before.since : now;
    this.#followed.set(instanceId, { by, since });
    if (now - since < HASTEN_MS) await session.query('SELECT pg_catalog.pg_log_standby_snapshot()');
  }

  /** Has Postgres wait for these from now on. */
  async #list(session: PostgresSession, instanceId: string, from: readonly string[], to: readonly string[]) {
    if (from.join() === to.join()) return;
    const value = session.literal(to.join(', '));
    await session.query(to.length > 0 ? `ALTER SYSTEM SET ${SETTING} = ${value}` : `ALTER SYSTEM RESET ${SETTING}`);
    await session.query(RELOAD);
    this.#log.info({ instanceId, from, to }, 'streams to other nodes wait for other standbys now');
  }

  async #atReplica(session: PostgresSession, member: ReplicatingMember, row: Row): Promise<void> {
    this.#awaited.delete(member.instanceId);
    this.#followed.delete(member.instanceId);
    await this.#list(session, member.instanceId, namesOf(row.listed), []); // it would hold up everything after a takeover
    const ours = row.slots.filter(({ name, physical }) => !physical && isPeerSlot(name));
    const left = ours.filter(({ synced, temporary, active }) => !synced && !temporary && !active);
    if (left.length > 0 && row.receiving) await this.#dropLeft(session, member, left);
    const isReady = (name: string): boolean =>
      ours.some((slot) => slot.name === name && slot.synced && !slot.temporary && !slot.invalid);
    if (row.receiving && !member.peerSlots.every(isReady)) await this.#wake(session, member.instanceId);
  }

  /** Only where another member leads, and this one receives from it: a primary that is restarted is a replica for a moment, too. */
  async #dropLeft(session: PostgresSession, { instanceId, scope }: ReplicatingMember, left: readonly Slot[]) {
    const leader = await this.#clients.dcs.leader(scope);
    if (leader === undefined || leader === instanceId) return;
    for (const { name } of left) {
      await session.query('SELECT pg_catalog.pg_drop_replication_slot($1)', [name]);
      this.#log.warn({ instanceId, scope, slot: name }, 'dropped a slot from when this replica was the primary');
    }
    this.#wokenAt.delete(instanceId);
  }

  /** Whatever Postgres reads its files for, that worker looks at once. */
  async #wake(session: PostgresSession, instanceId: string): Promise<void> {
    const now = performance.now();
    if (now - (this.#wokenAt.get(instanceId) ?? -Infinity) < WAKE_EVERY_MS) return;
    this.#wokenAt.set(instanceId, now);
    await session.query(RELOAD);
  }
}

const namesOf = (list: string | null): string[] =>
  (list ?? '')
    .split(',')
    .map((name) => name.trim().replaceAll('"', ''))
    .filter((name) => name !== '')
    .sort();

const RELOAD = 'SELECT pg_catalog.pg_reload_conf()';

/** What only newer versions have is looked for by name: 15 has neither. */
const LOOK = `SELECT pg_catalog.pg_is_in_recovery() AS replica, pg_catalog.current_setting('${SETTING}', true) AS listed,
    pg_catalog.current_setting('synchronous_standby_names') AS synchronous,
    CASE WHEN NOT pg_catalog.pg_is_in_recovery()
      THEN pg_catalog.pg_wal_lsn_diff(pg_catalog.pg_current_wal_flush_lsn(), '0/0')::pg_catalog.text END AS flushed,
    EXISTS (SELECT 1 FROM pg_catalog.pg_stat_wal_receiver WHERE status OPERATOR(pg_catalog.=) 'streaming') AS receiving,
    coalesce((SELECT pg_catalog.json_agg(pg_catalog.json_build_object('name', slot_name,
        'physical', slot_type OPERATOR(pg_catalog.=) 'physical', 'active', active, 'temporary', temporary,
        'at', pg_catalog.pg_wal_lsn_diff(restart_lsn, '0/0')::pg_catalog.text,
        'synced', coalesce((pg_catalog.to_jsonb(s) OPERATOR(pg_catalog.->>) 'synced')::pg_catalog.bool, false),
        'invalid', (pg_catalog.to_jsonb(s) OPERATOR(pg_catalog.->>) 'invalidation_reason') IS NOT NULL))
      FROM pg_catalog.pg_replication_slots s), '[]') AS slots`;
