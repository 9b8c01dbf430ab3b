import { DomainError } from '@windlass/error-table';
import type pg from 'pg';
import {
  openSession,
  parseLsn,
  type Lsn,
  type ReplicationSession,
  type ReplicationStream,
  type SourceEvent,
} from '../source/postgres/index.ts';
import { sampleClockAndLog, type ClockSample } from './clock-offset.ts';
import {
  CONNECT_TIMEOUT_MS,
  connectPrimary,
  type Address,
  type ConnectOptions,
  type PrimarySession,
} from './endpoint.ts';
import { PUBLICATION, slotFor } from '../sql/index.ts';
import { endReader, isLost, readSlots } from './slots.ts';
import { PeerForked, leftAt } from './timeline.ts';
import type { Memory } from './own-node.ts';
import type { Peer } from './peer.ts';

/** What is open with one peer while its stream runs. */
export interface Link {
  readonly stream: AsyncIterable<readonly SourceEvent[]> & Pick<ReplicationStream, 'state' | 'confirm'>;
  /** Throws when the peer does not answer. */
  look(): Promise<Look>;
}

export interface Look {
  /** How far the peer's log is written. */
  readonly writtenLsn: Lsn;
  readonly clock: ClockSample;
}

export interface OpenLink extends Link {
  /** Where the peer's primary is. */
  readonly address: Address;
}

export interface LinkOptions {
  readonly me: number;
  readonly peer: Peer;
  readonly memory: Memory;
  /** A folder for what is spilled. */
  readonly spillDirectory: string;
  readonly signal: AbortSignal;
  /** How far its stream is applied on this node. */
  readonly progress: () => Promise<Lsn>;
  /** Resolves when what is committed on this node now is safe. */
  readonly safe: () => Promise<void>;
}

/** For how long a peer may say nothing, in ms; half way it is asked. It ends our session as soon. */
const SILENCE_MS = 10_000;
const QUERY_MS = 5000;
const FAILOVER_SLOTS_SINCE = 17;

/**
 * Begins the stream of a peer: finds its primary, makes the slot and the origin if this node never read from it, and starts where this node
 * is. Throws what `judge` knows, and `PeerForked`; then, too, what was opened ends with the signal.
 */
export async function openLink(options: LinkOptions): Promise<OpenLink> {
  const { me, peer, signal } = options;
  const primary = await connectPrimary(peer.endpoint, questionsOf(me, signal));
  const session = await replicationSession(options, primary);
  await makeMissing(options, primary, session);
  await checkTimeline(options, session);
  try {
    const { address, client } = primary;
    return { address, stream: await begin(options, session), look: () => lookAt(client) };
  } catch (err) {
    if (err instanceof DomainError && err.code === 'slot_in_use') await endReader(primary.client, me);
    throw err;
  }
}

/** A session with a peer for questions; nothing can be written in it. */
export const questionsOf = (me: number, signal: AbortSignal): ConnectOptions => ({
  applicationName: `windlass replicator n${String(me)}`,
  signal,
  settings: { default_transaction_read_only: 'on' },
  queryTimeoutMs: QUERY_MS,
});

async function lookAt(client: pg.Client): Promise<Look> {
  const { lsn, ...clock } = await sampleClockAndLog(client);
  return { writtenLsn: parseLsn(lsn), clock };
}

async function replicationSession(options: LinkOptions, { address }: PrimarySession) {
  const { applicationName } = questionsOf(options.me, options.signal);
  const { database, user, password, tls } = options.peer.endpoint;
  return openSession({
    ...address,
    ...{ database, user, applicationName, signal: options.signal },
    ...(password !== undefined && { password }),
    ...(tls && { ssl: await tls() }),
    connectTimeoutMs: CONNECT_TIMEOUT_MS,
    walSenderTimeoutMs: SILENCE_MS,
  });
}

/** Positions are those of one timeline. After a failover they go on; but only from where the new primary took over. */
async function checkTimeline({ peer, memory, progress }: LinkOptions, session: ReplicationSession): Promise<void> {
  const [known, { timeline }] = [await memory.timelineOf(peer.number), await session.identifySystem()];
  if (known !== undefined && known !== timeline) {
    const at = leftAt(await session.timelineHistory(timeline), known);
    if ((await progress()) > at) throw new PeerForked(peer.number, { at, timeline });
  }
  if (known !== timeline) await memory.setTimeline(peer.number, timeline);
}

/**
 * The reader makes its slot, because it alone knows whether there has been one: its origin says so, which is made after the slot. A slot
 * that is gone although there is an origin is never made again: what was written meanwhile would be left out without a word.
 */
async function makeMissing({ me, peer, memory }: LinkOptions, primary: PrimarySession, session: ReplicationSession) {
  const [slot] = await readSlots(primary.client, [me]);
  const hasOrigin = await memory.hasOrigin(peer.number);
  if (slot && isLost(slot)) throw lost(`the slot '${slot.name}' has lost what this node had not read yet`);
  if (!slot?.exists && hasOrigin)
    throw lost(`the slot '${slotFor(me)}' is gone, and with it what this node had not read`);
  if (!slot?.exists) await checkPublished(primary.client);
  if (!slot?.exists) await session.createSlot({ name: slotFor(me), failover: primary.major >= FAILOVER_SLOTS_SINCE });
  if (!hasOrigin) await memory.createOrigin(peer.number);
}

/** What was written before there is a publication cannot be decoded: a slot from before then is of no use, for ever. */
async function checkPublished(client: pg.Client): Promise<void> {
  const { rowCount } = await client.query('SELECT 1 FROM pg_catalog.pg_publication WHERE pubname = $1', [PUBLICATION]);
  if (rowCount === 0) throw new DomainError('instance_not_ready', 'the peer is not installed yet');
}

const lost = (what: string): DomainError =>
  new DomainError('slot_lost', `${what}; this node has to be made anew from another one`);

/** The server is told at once that what is before the start may be forgotten: it must be safe here. */
async function begin({ me, progress, safe, spillDirectory }: LinkOptions, session: ReplicationSession) {
  const startLsn = await progress();
  await safe();
  const slot = { slot: slotFor(me), publications: [PUBLICATION], startLsn };
  return session.startReplication(
    { ...slot, protoVersion: 1, messages: true, origin: 'none' },
    { spillDirectory, silenceMs: SILENCE_MS },
  );
}
