import type pg from 'pg';
import { DomainError } from '@windlass/error-table';
import { installNode, type NodeName } from './install.ts';
import { makeSlots } from './make-slots.ts';
import { literal, MAKE_ORIGIN, originOf } from '../sql/index.ts';

export interface CopyOptions extends NodeName {
  /** All other nodes, that which was copied too. */
  readonly peers: readonly NodeName[];
  /** The number of the node that was copied. */
  readonly source: number;
  /** A time by its clock that no commit of the copy is after, as Postgres writes it. */
  readonly until: string;
}

/** The clocks of two hosts may differ by so much, in ms. */
const CLOCKS_DIFFER_MS = 10_000;
const CLOCK = `SELECT pg_catalog.ceil(extract(epoch FROM $1::pg_catalog.timestamptz - pg_catalog.clock_timestamp()) * 1000)::pg_catalog.float8 + 1 AS ahead`;
const SLEEP = 'SELECT pg_catalog.pg_sleep($1::pg_catalog.float8 / 1000)';

const HISTORY = `SELECT timeline_id::pg_catalog.int4 AS timeline, pg_catalog.pg_read_file('pg_wal/'
  || pg_catalog.lpad(pg_catalog.upper(pg_catalog.to_hex(timeline_id)), 8, '0') || '.history', 0, 10000000, true) AS history
  FROM pg_catalog.pg_control_checkpoint()`;
const LEFT_AT = /^(\d+)\t([0-9A-F]+\/[0-9A-F]+)\t/gim;

const PREPARED = 'SELECT gid FROM pg_catalog.pg_prepared_xacts WHERE database = pg_catalog.current_database()';
const ADVANCE = 'SELECT pg_catalog.pg_replication_origin_advance($1, $2::pg_catalog.pg_lsn)';
const TIMELINE = `INSERT INTO windlass.peer_timeline VALUES ($1, $2) ON CONFLICT (peer) DO UPDATE SET timeline = excluded.timeline`;

/** Up to where the copy has what its source wrote. */
export interface CopiedUntil {
  readonly lsn: string;
  /** Of the source. */
  readonly timeline: number;
}

/**
 * Makes a node of its own of a physical copy that was just promoted and that no user has reached: whose its rows are, its number, up to where it
 * has what the source wrote, and the slots from which all others will read what is written here, before anything is. To be called by a superuser,
 * outside of a transaction; after a kill anywhere it goes on. Throws `source_not_ready`, and what `installNode` throws.
 */
export async function beginAsCopy(client: pg.ClientBase, options: CopyOptions): Promise<CopiedUntil> {
  const { number, name, peers, source, until } = options;
  const copied = await whereItEnds(client);
  await untilPast(client, until);
  await endPrepared(client);
  await installNode(client, { number, name, peers, copyOf: { node: source, until } });
  await client.query(MAKE_ORIGIN, [originOf(source)]);
  await client.query(ADVANCE, [originOf(source), copied.lsn]);
  await client.query(TIMELINE, [source, copied.timeline]);
  await makeSlots(client, peers.map((peer) => peer.number)); // prettier-ignore
  return copied;
}

/** Where the timeline of the source was left is the end of the last record of it that was replayed. */
async function whereItEnds(client: pg.ClientBase): Promise<CopiedUntil> {
  const [found] = (await client.query<{ timeline: number; history: string | null }>(HISTORY)).rows;
  const last = [...(found?.history ?? '').matchAll(LEFT_AT)].at(-1);
  const [, timeline, lsn] = last ?? [];
  if (timeline === undefined || lsn === undefined)
    throw new DomainError('source_not_ready', 'this is no copy that was promoted: its timeline has no history');
  return { timeline: Number(timeline), lsn };
}

/** What is written here from now on is later than what was copied. */
async function untilPast(client: pg.ClientBase, until: string): Promise<void> {
  const { rows } = await client.query<{ ahead: number }>(CLOCK, [until]);
  const ahead = rows[0]?.ahead ?? 0;
  if (ahead > CLOCKS_DIFFER_MS)
    throw new DomainError('source_not_ready', `the clock of this host is ${String(ahead)} ms behind that of the node`);
  if (ahead > 0) await client.query(SLEEP, [ahead]);
}

/** They are decided at the source, and come from there when they are committed; here their locks would hold up that. */
async function endPrepared(client: pg.ClientBase): Promise<void> {
  for (const { gid } of (await client.query<{ gid: string }>(PREPARED)).rows)
    await client.query(`ROLLBACK PREPARED ${literal(gid)}`);
}
