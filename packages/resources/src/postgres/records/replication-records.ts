import { z } from 'zod';

/** `initializing`: not yet for the first time, or again since its own primary is back; `stopped`: only a person can help. */
export const FOLLOWING_STATES = ['replicating', 'initializing', 'down', 'stopped', 'unknown'] as const;
export type FollowingState = (typeof FOLLOWING_STATES)[number];

/** How a node follows one of its peers, as its replicator said it. What is not known is absent. */
export interface FollowedPeer {
  readonly number: number;
  readonly name: string;
  readonly state: FollowingState;
  /** What it waits for, in words. */
  readonly waitsFor?: string | undefined;
  /** What the peer has written and is not applied, in bytes of its WAL. */
  readonly lagBytes?: number | undefined;
  /** For how long something of the peer waits to be applied. */
  readonly lagMs?: number | undefined;
  /** Commit time, by the peer's clock, of what was applied last: ISO 8601. */
  readonly lastCommitAt?: string | undefined;
  /** How much the peer's clock is ahead. */
  readonly clockOffsetMs?: number | undefined;
  /** The LSN of the transaction at which it is stopped: what a skip names. */
  readonly stoppedAt?: string | undefined;
  /** The slot at this node from which that peer reads. */
  readonly slot?: PeerSlot | undefined;
}

export interface PeerSlot {
  readonly exists: boolean;
  readonly active: boolean;
  /** Postgres' word: `reserved`, `extended`, `unreserved`, `lost`. */
  readonly walStatus?: string | undefined;
  /** How much more may be written before it is lost, in bytes; absent: there is no limit. */
  readonly safeWalSize?: number | undefined;
  /** How much WAL is kept for it, in bytes. */
  readonly retainedBytes?: number | undefined;
}

/** How the node of a primary follows its peers. */
export interface ReplicationStatus {
  /** The number of the node. */
  readonly number: number;
  /** Every peer it should follow. */
  readonly peers: readonly FollowedPeer[];
  /** Conflicts recorded since its replicator began; absent while that does not answer. */
  readonly conflicts?: number | undefined;
  /** Why nothing is known now. */
  readonly error?: string | undefined;
}

const slot: z.ZodType<PeerSlot> = z.looseObject({
  exists: z.boolean(),
  active: z.boolean(),
  walStatus: z.string().optional(),
  safeWalSize: z.number().optional(),
  retainedBytes: z.number().optional(),
});

const peer: z.ZodType<FollowedPeer> = z.looseObject({
  number: z.number(),
  name: z.string(),
  /** A word of a later release is one this one does not know. */
  state: z.enum(FOLLOWING_STATES).catch('unknown'),
  waitsFor: z.string().optional(),
  lagBytes: z.number().optional(),
  lagMs: z.number().optional(),
  lastCommitAt: z.string().optional(),
  clockOffsetMs: z.number().optional(),
  stoppedAt: z.string().optional(),
  slot: slot.optional(),
});

export const replicationStatus: z.ZodType<ReplicationStatus> = z.looseObject({
  number: z.number(),
  peers: z.array(peer),
  conflicts: z.number().optional(),
  error: z.string().optional(),
});
