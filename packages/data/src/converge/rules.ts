/**
 * The rules that make nodes end equal. Product code has all of them: each is `true` by its type. Only what lies in
 * `testing/` makes a set without one, to show that nodes end different then.
 */
export const RULES = {
  /** Equal commit times are ordered by node. */
  ties: true,
  /** A row without a version is older than everything. */
  nullOldest: true,
  /** An update of a row that is not here inserts it. */
  upsert: true,
  /** A delete leaves a tombstone. */
  tombstones: true,
  /** TRUNCATE leaves a tombstone of the whole table. */
  tableTombstones: true,
  /** TRUNCATE deletes by version: newer rows stay. */
  truncateByVersion: true,
  /** Tombstones are read again after rows were written. */
  recheck: true,
  /** A delete that found nothing is rechecked when every transaction has ended that was running then. */
  lateRecheck: true,
  /** A sender is asked for a row when the transaction that arrived can be seen there. */
  askVisible: true,
  /** One transaction at a time is applied to a node, from whichever peer. */
  oneApplier: true,
  /** A transaction waits until the clock of the node is past its commit time. */
  clockWait: true,
  /** A node opens for writes when its clock is past all it holds. */
  openingWait: true,
  /** What is unchanged and not sent is asked for, never taken from the row that is here. */
  completeRows: true,
  /** Also when the sender wrote the row that is here: a third node's write may lie between. */
  askAlways: true,
  /** A row whose version is forgotten is newer than the tombstones that are kept of it. */
  frozenOutlives: true,
  /** A change of the key is a delete and an insert. */
  keyChange: true,
  /** A table without a key counts equal rows, in the order of versions. */
  tallies: true,
  /** Generated columns are left out of what is written. */
  generated: true,
  /** The values of identity columns come from the row, not from this node's sequence. */
  identity: true,
  /** A row that loses a unique value is parked until that is settled, not destroyed. */
  parking: true,
  /** Emptying one partition empties that partition. */
  partitions: true,
  /** What the origin's progress is past is not applied again. */
  originProgress: true,
  /** Tombstones are kept until everything older has arrived here. */
  expiryByArrival: true,
  /** A copy is taken when the source is past every slot made for the new node. */
  joinWait: true,
  /** Peers count a new node from before its copy. */
  joinCounted: true,
  /** When a node is gone for good, the others compare what they have. */
  repair: true,
  /** A row that another node has applied and does not have was deleted there. */
  repairByProgress: true,
  /** A rejected change is recorded by the node that wrote what it lost to. */
  oneSide: true,
} as const;

export type RuleName = keyof typeof RULES;
export type Rules = Readonly<Record<RuleName, true>>;
