import type {
  ContainerSummary,
  PeerFacts,
  ReplicationPort,
  ReplicatorFacts,
  ReplicatorSlot,
} from '../clients/index.ts';
import { domainErrorOf } from '../../errors/index.ts';
import type { FollowedPeer, FollowingState, InstanceCondition, PeerSlot, ReplicationStatus } from '../records/index.ts';
import type { Replicates } from './host-instances.ts';
import { conditionsOf } from './replication-conditions.ts';

/** What a look at the replicator beside a primary found. */
export interface ReplicationSample {
  readonly status: ReplicationStatus;
  readonly conditions: readonly InstanceCondition[];
}

export interface ReplicatingNode extends Replicates {
  readonly nodeName: string;
}

/** Asks the replicator beside a primary how its node follows its peers. Never throws: what is not known is said to be so. */
export async function sampleReplication(
  replication: ReplicationPort,
  node: ReplicatingNode,
  container: ContainerSummary | undefined,
): Promise<ReplicationSample> {
  try {
    if (container?.state !== 'running' || container.address === '') return unknown(node, 'it does not run');
    return known(node, await replication.status(container.address));
  } catch (err) {
    return unknown(node, domainErrorOf(err)?.message ?? 'it does not answer');
  }
}

function unknown(node: ReplicatingNode, reason: string): ReplicationSample {
  const { number, nodeName } = node;
  const error = `nothing is known of what '${nodeName}' applies: its replicator is asked in vain: ${reason}`;
  const peers = node.peers.map((peer) => ({ ...peer, state: 'unknown' as const }));
  return { status: { number, peers, error }, conditions: conditionsOf(node, undefined, error) };
}

function known(node: ReplicatingNode, facts: ReplicatorFacts): ReplicationSample {
  const { number, peers } = node;
  const status = { number, conflicts: facts.conflicts, peers: peers.map((peer) => followed(peer, facts)) };
  return { status, conditions: conditionsOf(node, facts) };
}

const STATES: Readonly<Record<PeerFacts['state'], FollowingState>> = {
  connecting: 'initializing',
  streaming: 'replicating',
  retrying: 'down',
  stopped: 'stopped',
};

/** A replicator that was told of a peer later, or not yet, says nothing of it: then nothing is known. */
function followed(peer: Replicates['peers'][number], { peers, slots }: ReplicatorFacts): FollowedPeer {
  const facts = peers.find(({ number }) => number === peer.number);
  const slot = slots.find((one) => one.peer === peer.number);
  const own = slot ? { slot: slotOf(slot) } : {};
  if (!facts) return { ...peer, state: 'unknown', ...own };
  return {
    ...peer,
    state: STATES[facts.state],
    ...(facts.waitsFor !== null && { waitsFor: facts.waitsFor }),
    ...(facts.lagBytes !== null && { lagBytes: facts.lagBytes }),
    ...(facts.lagMs !== null && { lagMs: facts.lagMs }),
    ...(facts.lastCommitTime !== null && { lastCommitAt: facts.lastCommitTime }),
    ...(facts.clockOffsetMs !== null && { clockOffsetMs: facts.clockOffsetMs }),
    ...(facts.stoppedAt !== null && { stoppedAt: facts.stoppedAt }),
    ...own,
  };
}

const slotOf = ({ exists, active, walStatus, safeWalSize, retainedBytes }: ReplicatorSlot): PeerSlot => ({
  ...{ exists, active },
  ...(walStatus !== null && { walStatus }),
  ...(safeWalSize !== null && { safeWalSize }),
  ...(retainedBytes !== null && { retainedBytes }),
});
