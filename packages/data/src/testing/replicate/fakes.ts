import type { Address } from '../../replicate/endpoint.ts';
import type { Link, LinkOptions } from '../../replicate/link.ts';
import type { Own, PeerNote } from '../../replicate/own-node.ts';
import type { Parts } from '../../replicate/parts.ts';
import type { AppliedOfPeer, ApplierPort } from '../../replicate/port.ts';
import type { Findings } from '../../replicate/rounds.ts';
import type { OwnSlot } from '../../replicate/status.ts';
import { positionOf, toTimestamp, type Lsn, type Relation, type SourceEvent } from '../../source/postgres/index.ts';

const RELATION: Relation = { oid: 1, namespace: 'public', name: 't', replicaIdentity: 'default', columns: [] };

/** A transaction of one row, which ends 10 after it commits. */
export function transaction(commitLsn: Lsn, timeMs = 1000): SourceEvent[] {
  const at = { xid: Number(commitLsn), commitLsn, commitTime: toTimestamp(timeMs) };
  return [
    { kind: 'begin', ...at, streamed: false },
    { kind: 'insert', relation: RELATION, newTuple: [] },
    { kind: 'commit', ...at, endLsn: commitLsn + 10n },
  ];
}

/** What the own database keeps: it outlives sessions with it. */
export class FakeDatabase {
  readonly origins = new Set<number>();
  readonly timelines = new Map<number, number>();
  readonly skipped = new Map<number, Set<Lsn>>();
  readonly progress = new Map<number, Lsn>();
  readonly applied: Lsn[] = [];
  readonly rewound: [number, Lsn][] = [];
  beats = 0;
  looks = 0;
  slots: OwnSlot[] = [];
  notes: readonly PeerNote[] = [];
  stuck: string | undefined;
  findings: Findings = { colliding: [], isSpockTaken: false };
  obeyFails: Error | undefined;
  /** Beats, and takes of these peers, wait until it resolves. */
  holdBeats: Promise<void> = Promise.resolve();
  readonly hold = new Map<number, Promise<void>>();
  /** What to throw instead of applying what commits here. */
  readonly failing = new Map<Lsn, Error>();
  openFails: Error | undefined;
  opened = 0;
}

export class FakeOwn implements Own {
  readonly address: Address = { host: 'own', port: 5432 };
  readonly #data: FakeDatabase;
  broken: Error | undefined;

  constructor(data: FakeDatabase) {
    this.#data = data;
  }

  async beat(): Promise<void> {
    await this.#data.holdBeats;
    if (this.broken) throw this.broken;
    this.#data.beats += 1;
  }
  async slots(): Promise<OwnSlot[]> {
    this.#data.looks += 1;
    if (this.broken) throw this.broken;
    return this.#data.slots;
  }
  async note(peers: readonly PeerNote[]): Promise<void> {
    this.#data.notes = peers;
  }
  async clock() {
    return { aheadMs: 0, roundTripMs: 0 };
  }
  async hasOrigin(peer: number): Promise<boolean> {
    return this.#data.origins.has(peer);
  }
  async createOrigin(peer: number): Promise<void> {
    this.#data.origins.add(peer);
  }
  async timelineOf(peer: number): Promise<number | undefined> {
    return this.#data.timelines.get(peer);
  }
  async setTimeline(peer: number, timeline: number): Promise<void> {
    this.#data.timelines.set(peer, timeline);
  }
  async rewind(peer: number, lsn: Lsn): Promise<void> {
    this.#data.rewound.push([peer, lsn]);
    this.#data.progress.set(peer, lsn);
  }
  async skippedOf(peer: number): Promise<ReadonlySet<Lsn>> {
    return new Set(this.#data.skipped.get(peer));
  }
}

export class FakeApplier implements ApplierPort {
  readonly #data: FakeDatabase;
  isClosed = false;
  readonly conflicts = 0;

  constructor(data: FakeDatabase) {
    this.#data = data;
  }

  get stuck(): string | undefined {
    return this.#data.stuck;
  }

  async progressOf(peer: number): Promise<Lsn> {
    return this.#data.progress.get(peer) ?? 0n;
  }
  async take(peer: number, events: readonly SourceEvent[]): Promise<void> {
    await this.#data.hold.get(peer);
    for (const event of events) {
      const position = positionOf(event);
      if (event.kind !== 'commit' || position === undefined) continue;
      const failure = this.#data.failing.get(event.commitLsn);
      if (failure) throw failure;
      this.#data.applied.push(event.commitLsn);
      this.#data.progress.set(peer, position);
    }
  }
  committed(peer: number): Lsn {
    return this.#data.progress.get(peer) ?? 0n;
  }
  appliedOf(): AppliedOfPeer {
    return { lastCommitTime: undefined, applied: 0, waitsFor: undefined };
  }
  async close(): Promise<void> {
    this.isClosed = true;
  }
}

/** One peer: what it has written, and everything that was confirmed to it. */
export class FakePeer {
  readonly log: SourceEvent[][] = [];
  readonly confirmed: Lsn[] = [];
  readonly startedAt: Lsn[] = [];
  attempts = 0;
  /** How many turns were given. */
  given = 0;
  openFails: Error | undefined;
  #wake: () => void = () => undefined;
  #break: (err: Error) => void = () => undefined;

  write(...events: readonly SourceEvent[]): void {
    this.log.push([...events]);
    this.#wake();
  }

  /** Ends the connection that is open. */
  breakOff(err: Error): void {
    this.#break(err);
  }

  async open({ signal, progress, safe, memory, peer }: LinkOptions): Promise<Link> {
    this.attempts += 1;
    if (this.openFails) throw this.openFails;
    await memory.createOrigin(peer.number);
    const from = await progress();
    await safe();
    this.startedAt.push(from);
    const state = { receivedLsn: from, deliveredLsn: from, confirmedLsn: from, queuedBytes: 0, spilledBytes: 0 };
    const broken = new Promise<never>((_, reject) => {
      this.#break = reject;
      signal.addEventListener('abort', () => reject(new Error('closed')));
    });
    broken.catch(() => undefined);
    const events = this.#events(from, state, broken);
    const confirm = (lsn: Lsn): void => {
      state.confirmedLsn = lsn;
      this.confirmed.push(lsn);
    };
    const look = () => Promise.resolve({ writtenLsn: from, clock: { aheadMs: 0, roundTripMs: 0 } });
    return { stream: { state, confirm, [Symbol.asyncIterator]: () => events }, look };
  }

  async *#events(from: Lsn, state: { deliveredLsn: Lsn }, broken: Promise<never>) {
    for (let i = 0; ;) {
      const turn = this.log[i];
      if (!turn) {
        await Promise.race([broken, new Promise<void>((resolve) => (this.#wake = resolve))]);
        continue;
      }
      i += 1;
      const end = turn.map(positionOf).findLast((one) => one !== undefined) ?? 0n;
      if (end <= from) continue;
      this.given += 1;
      state.deliveredLsn = end;
      yield turn;
    }
  }
}

/** A replicator's parts, none of which leaves the process. */
export function fakeParts(data: FakeDatabase, peers: ReadonlyMap<number, FakePeer>) {
  const owns: FakeOwn[] = [];
  const appliers: FakeApplier[] = [];
  const parts: Parts = {
    timings: { beat: 10, look: 10, round: 10, stopped: 50 },
    openOwn: async () => {
      data.opened += 1;
      if (data.openFails) throw data.openFails;
      const [own, applier] = [new FakeOwn(data), new FakeApplier(data)];
      owns.push(own);
      appliers.push(applier);
      const rounds = {
        ...{ watch: async () => undefined, settle: async () => 0, forget: async () => undefined },
        trimConflicts: () => Promise.resolve(),
        ...{ obeyFloors: () => (data.obeyFails ? Promise.reject(data.obeyFails) : Promise.resolve()) },
        findings: async () => data.findings,
      };
      return { own, applier, rounds };
    },
    openLink: async (options) => {
      const peer = peers.get(options.peer.number);
      if (!peer) throw new Error('no such peer');
      return peer.open(options);
    },
  };
  return { parts, owns, appliers };
}
