import { DomainError } from '@windlass/error-table';
import type pg from 'pg';
import { formatLsn, laterLsn, parseLsn, type Lsn } from '../source/postgres/index.ts';
import { sampleClock, type ClockSample } from './clock-offset.ts';
import { connectPrimary, type Address, type Endpoint } from './endpoint.ts';
import { Heartbeat } from './heartbeat.ts';
import { originOf, tryLock } from '../sql/index.ts';
import { OneByOne } from '../waiting/index.ts';
import * as sql from './own-sql.ts';
import { AnotherReplicator, ofOwn, query } from './own-session.ts';
import { readSlots } from './slots.ts';
import type { OwnSlot, PeerStatus } from './status.ts';

/** What a replicator does in replica role neither fires users' triggers nor is replicated as DDL. */
const REPLICA = { session_replication_role: 'replica' };
/** For how long the own primary may say nothing, in ms. */
const SILENCE_MS = 5000;

/** What streams remember on their own node, as far as they need it. */
export interface Memory {
  hasOrigin(peer: number): Promise<boolean>;
  createOrigin(peer: number): Promise<void>;
  /** On which timeline of the peer our progress is a position. */
  timelineOf(peer: number): Promise<number | undefined>;
  setTimeline(peer: number, timeline: number): Promise<void>;
  /** Commit LSNs of the peer's transactions that are left out. */
  skippedOf(peer: number): Promise<ReadonlySet<Lsn>>;
}

/** What is needed of the own primary beside an applier. Each throws `OwnConnectionLost` when the session is over. */
export interface Own extends Memory {
  readonly address: Address;
  /** Resolves when what was committed when it was called is safe. */
  beat(): Promise<void>;
  slots(peers: readonly number[]): Promise<readonly OwnSlot[]>;
  /** Writes down what is known of the peers, for who asks the database. */
  note(peers: readonly PeerNote[]): Promise<void>;
  clock(): Promise<ClockSample>;
  /** Sets progress back. Nobody may be applying with this origin. */
  rewind(peer: number, lsn: Lsn, timeline: number): Promise<void>;
}

export interface PeerNote {
  readonly status: PeerStatus;
  /** How far the peer's log is written. */
  readonly writtenLsn: Lsn | undefined;
}

export interface OwnOptions {
  readonly own: Endpoint;
  /** The number of this node. */
  readonly me: number;
  readonly signal: AbortSignal;
  /** Makes what has to be there before anything else. */
  readonly install: (client: pg.Client) => Promise<void>;
}

/** Sessions with the own primary: one for what is remembered and looked at, and one for heartbeats, whose commits may have to wait. */
export class OwnNode implements Own {
  readonly address: Address;
  readonly #client: pg.Client;
  readonly #queue = new OneByOne();
  readonly #heartbeat: Heartbeat;

  private constructor(address: Address, client: pg.Client, heartbeat: Heartbeat) {
    this.address = address;
    this.#client = client;
    this.#heartbeat = heartbeat;
  }

  /**
   * Throws `connection_failed` and `no_primary` when there is none; `source_not_ready` when it lacks something; `AnotherReplicator`. What
   * is open ends with the signal, also then.
   */
  static async open({ own, me, signal, install }: OwnOptions): Promise<OwnNode> {
    const name = { applicationName: 'windlass replicator', signal };
    const patience = { queryTimeoutMs: SILENCE_MS, untilPromoted: true } as const;
    const { client, address } = await connectPrimary(own, { ...name, settings: REPLICA, ...patience });
    await checkSettings(client);
    await lock(client);
    const settings = { ...REPLICA, synchronous_commit: 'on' };
    const { client: beats } = await connectPrimary({ ...own, hosts: [address] }, { ...name, settings });
    await install(beats);
    return new OwnNode(address, client, new Heartbeat(() => ofOwn(beats.query({ ...sql.BEAT, values: [me] }))));
  }

  beat(): Promise<void> {
    return this.#heartbeat.beat();
  }

  async slots(peers: readonly number[]): Promise<readonly OwnSlot[]> {
    return this.#queue.run(() => ofOwn(readSlots(this.#client, peers)));
  }

  async note(peers: readonly PeerNote[]): Promise<void> {
    const rows = peers.map(({ status, writtenLsn }) => ({
      ...{ peer: status.number, state: status.state, waits_for: status.waitsFor, lag_ms: status.lagMs },
      applied_lsn: formatLsn(laterLsn(status.committedLsn, status.confirmedLsn)),
      written_lsn: writtenLsn === undefined ? undefined : formatLsn(writtenLsn),
      last_commit_ms: status.lastCommitTime === undefined ? undefined : status.lastCommitTime / 1000,
    }));
    await this.#query(sql.NOTE, [JSON.stringify(rows)]);
  }

  async clock(): Promise<ClockSample> {
    return this.#queue.run(() => ofOwn(sampleClock(this.#client)));
  }

  async hasOrigin(peer: number): Promise<boolean> {
    return (await this.#query(sql.HAS_ORIGIN, [originOf(peer)])).length === 1;
  }

  async createOrigin(peer: number): Promise<void> {
    await this.#query(sql.CREATE_ORIGIN, [originOf(peer)]);
  }

  async rewind(peer: number, lsn: Lsn, timeline: number): Promise<void> {
    await this.#query(sql.REWIND_ORIGIN, [originOf(peer), formatLsn(lsn)]);
    await this.setTimeline(peer, timeline);
  }

  async timelineOf(peer: number): Promise<number | undefined> {
    return (await this.#query<{ timeline: number }>(sql.TIMELINE, [peer]))[0]?.timeline;
  }

  async setTimeline(peer: number, timeline: number): Promise<void> {
    await this.#query(sql.SET_TIMELINE, [peer, timeline]);
  }

  async skippedOf(peer: number): Promise<ReadonlySet<Lsn>> {
    const rows = await this.#query<{ lsn: string }>(sql.SKIPPED, [peer]);
    return new Set(rows.map(({ lsn }) => parseLsn(lsn)));
  }

  #query<R extends pg.QueryResultRow>(text: string, values: unknown[]): Promise<R[]> {
    return this.#queue.run(() => query<R>(this.#client, text, values));
  }
}

async function checkSettings(client: pg.Client): Promise<void> {
  const { rows } = await client.query<{ wal_level: string; commit_times: string }>(sql.SETTINGS);
  const [found] = rows;
  if (found?.wal_level !== 'logical') throw new DomainError('source_not_ready', 'wal_level has to be logical');
  if (found.commit_times !== 'on') throw new DomainError('source_not_ready', 'track_commit_timestamp has to be on');
}

/** Throws `AnotherReplicator`. */
async function lock(client: pg.Client): Promise<void> {
  if (!(await tryLock(client, 'replicate')))
    throw new AnotherReplicator('another process replicates for this node; this one waits until it ends');
}
