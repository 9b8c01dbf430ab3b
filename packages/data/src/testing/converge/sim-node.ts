import type { Change } from '../../converge/change.ts';
import type { Applied, Place, Remembered } from '../../converge/apply.ts';
import type { Rejected } from '../../converge/conflicts.ts';
import type { Version } from '../../converge/version.ts';
import type { Draft } from './draft.ts';
import type { Deed } from './local-write.ts';
import { MemoryData } from './memory-data.ts';

/** A committed transaction of a node, as it stands in its WAL. Without changes it is a heartbeat. */
export interface Logged {
  readonly node: number;
  readonly position: number;
  readonly time: number;
  readonly changes: readonly Change[];
  readonly deeds: readonly Deed[];
  /** It was in the WAL before anybody on its node saw it. */
  readonly unseen: boolean;
  /** How far its node had applied the streams of the others. */
  readonly seen: ReadonlyMap<number, number>;
}

/** One applier of a node, in the middle of a transaction. */
export interface Applying {
  readonly transaction: Logged;
  readonly snapshot: Map<string, Map<string, Version>>;
  draft?: Draft;
  applied?: Applied;
}

/** A conflict as its node recorded it, and for which transaction. */
export interface Recorded {
  readonly rejected: Rejected;
  readonly transaction: Pick<Logged, 'node' | 'position'>;
}

export class SimNode {
  readonly number: number;
  readonly data: MemoryData;
  skew: number;
  readonly log: Logged[] = [];
  /** Of the replication origins: how far each stream is applied, and the commit time it is past. */
  readonly progress: Map<number, number>;
  readonly arrived: Map<number, number>;
  /** What was confirmed to each peer, and what its stream brings next: positions before the next transaction. */
  readonly confirmed = new Map<number, number>();
  readonly cursor = new Map<number, number>();
  readonly appliers = new Map<number, Applying>();
  readonly records: Recorded[] = [];
  readonly rejections: Recorded[] = [];
  /** By transaction, the keys of its changes that were not shown. */
  readonly superseded = new Map<Logged, readonly Place[]>();
  /** A local transaction that is in the WAL, and that nobody here sees yet. */
  unseen: { readonly draft: Draft; readonly logged: Logged } | undefined;
  /** Deletes that are to be rechecked when it is seen. */
  readonly later: { readonly remembered: Remembered; readonly transaction: Logged }[] = [];
  /** Every transaction that was applied, to find those that were twice. */
  readonly applied: Logged[] = [];
  /** Where the stream of each peer begins for it. */
  readonly begins = new Map<number, number>();
  /** The newest commit time it had when it last opened; it is closed while its clock is not past it. */
  closedUntil = -1;
  /** The peers whose streams hold back its tombstones. */
  readonly peers: Set<number>;

  constructor(number: number, skew: number, peers: Iterable<number>, copyOf?: SimNode) {
    this.number = number;
    this.skew = skew;
    this.peers = new Set(peers);
    this.data = new MemoryData(copyOf?.data);
    this.progress = new Map(copyOf?.progress);
    this.arrived = new Map(copyOf?.arrived);
  }

  /** The newest commit time it holds. */
  newestHeld(): number {
    return Math.max(this.log.at(-1)?.time ?? -1, this.closedUntil, ...this.arrived.values());
  }

  /** The process dies: what is not committed is gone, and the streams begin where they were confirmed. */
  crash(): void {
    this.appliers.clear();
    for (const peer of this.cursor.keys()) this.cursor.set(peer, this.confirmed.get(peer) ?? 0);
  }
}
