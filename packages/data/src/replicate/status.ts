import type { Lsn } from '../source/postgres/index.ts';

/** What needs attention although replication may go on. */
export type ConditionType =
  /** The own primary does not answer, or none of the hosts is one. */
  | 'own_unreachable'
  /** The own primary lacks a setting, a right or what is installed. */
  | 'own_not_ready'
  /** Another process replicates for this node. */
  | 'another_replicator'
  | 'peer_unreachable'
  /** The peer does not let us in: password, certificate, right or setting. */
  | 'peer_refuses'
  /** A slot on this node is gone or has lost what it kept: the peer that reads from it must be made anew. */
  | 'slot_lost'
  /** What this node had not read of a peer is lost: this node must be made anew. */
  | 'must_be_rebuilt'
  /** A slot on this node will be lost soon if nobody reads from it. */
  | 'slot_nearly_lost'
  /** A transaction cannot be applied until somebody does something about it. */
  | 'apply_stopped'
  /** DDL of a peer has not been carried out for a while: it waits for locks, or takes long; nothing else is applied meanwhile. */
  | 'ddl_waits'
  /** Clocks are so far apart that streams wait, or stop. */
  | 'clock_off'
  /** A round of work on the own node failed: of settling or forgetting tombstones; or rows that are parked cannot be put back. */
  | 'round_failed'
  /** Sequences give equal values on several nodes. */
  | 'sequences_collide'
  /** Somebody else has a schema named spock: what scripts for Spock find there is not ours. */
  | 'spock_schema_taken'
  /** Postgres has forgotten when something was deleted here: this node was away for too long. */
  | 'versions_forgotten'
  /** After a failover the peer lacks commits that are here. */
  | 'peer_lost_commits'
  /** After a failover of its own this node lacks what it had confirmed to a peer, which does not send it again. */
  | 'lost_what_was_confirmed';

export interface Condition {
  readonly type: ConditionType;
  /** The number of the peer it is about; absent: of this node. */
  readonly peer?: number;
  /** What is to be done. Holds no row and no secret. */
  readonly message: string;
  /** Since when, in ms since 1970. */
  readonly since: number;
}

/** `stopped`: only a person can help; it is tried again now and then all the same. */
export type PeerState = 'connecting' | 'streaming' | 'retrying' | 'stopped';

export interface PeerStatus {
  readonly number: number;
  readonly name: string;
  readonly state: PeerState;
  /** What it waits for, in words. */
  readonly waitsFor: string | undefined;
  /** What the peer has written and we have not applied, in bytes of its log; absent: not known. */
  readonly lagBytes: number | undefined;
  /** For how long something of the peer has been waiting to be applied, in ms; 0: nothing waits. Absent: not known. */
  readonly lagMs: number | undefined;
  /** Microseconds since 1970, by the peer's clock. */
  readonly lastCommitTime: number | undefined;
  readonly committedLsn: Lsn;
  /** Told to the peer: it may forget everything before. */
  readonly confirmedLsn: Lsn;
  readonly queuedBytes: number;
  /** Transactions, since the process began. */
  readonly applied: number;
  /** How much the peer's clock is ahead of that of the own primary, in ms; absent: not measured yet. */
  readonly clockOffsetMs: number | undefined;
  /** How often a stream has begun. */
  readonly connects: number;
  /** The commit LSN of the transaction it is stopped at: what `skip` takes. */
  readonly stoppedAt: Lsn | undefined;
}

/** A slot on the own node, from which a peer reads. */
export interface OwnSlot {
  readonly peer: number;
  readonly name: string;
  /** False: the peer has not come yet to make it, or it was dropped. */
  readonly exists: boolean;
  readonly active: boolean;
  /** Postgres' word: `reserved`, `extended`, `unreserved`, `lost`. */
  readonly walStatus: string | undefined;
  /** How much more may be written before it is lost, in bytes; absent: there is no limit. */
  readonly safeWalSize: number | undefined;
  /** How much of the log is kept for it, in bytes. */
  readonly retainedBytes: number | undefined;
}

export interface ReplicatorStatus {
  readonly number: number;
  readonly name: string;
  /** Host and port of the own primary while there is a connection. */
  readonly primary: string | undefined;
  readonly peers: readonly PeerStatus[];
  readonly slots: readonly OwnSlot[];
  /** Recorded on this node since the process began. */
  readonly conflicts: number;
  readonly conditions: readonly Condition[];
}
