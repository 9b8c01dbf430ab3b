import type { FollowedPeer, InstanceStatus } from '@windlass/resources/postgres/records';
import type { GetReplicationResponse, ReplicationNode, ReplicationPair } from '@windlass/resources/postgres/spec';
import { wireTime } from '../core/tasks/read-tasks.ts';
import type { ServerDeps } from '../core/deps.ts';
import { readDatabase } from './read-database.ts';
import { isFresh, readInstances } from './view.ts';

/** How the nodes of a database follow one another, as their primaries' hosts said a moment ago. */
export async function showReplication(deps: ServerDeps, id: string): Promise<GetReplicationResponse> {
  const [{ stored }, statuses] = await Promise.all([readDatabase(deps, id), readInstances(deps.kv, id)]);
  const names = stored.spec.nodes.map(({ name }) => name);
  return replicationOf(names, statuses, deps.now());
}

interface Node {
  readonly name: string;
  /** Its primary's host said how it follows its peers, a moment ago. */
  readonly primary: InstanceStatus | undefined;
}

/** Every pair is named, also where nothing is known. */
export function replicationOf(
  names: readonly string[],
  statuses: readonly InstanceStatus[],
  now: Date,
): GetReplicationResponse {
  if (names.length < 2) return { nodes: [], pairs: [] };
  const nodes = [...names].sort().map((name) => ({ name, primary: primaryOf(name, statuses, now) }));
  return {
    nodes: nodes.map(nodeOf),
    pairs: nodes.flatMap((node) => nodes.flatMap((from) => (from === node ? [] : [pairOf(node, from)]))),
  };
}

const primaryOf = (name: string, statuses: readonly InstanceStatus[], now: Date): InstanceStatus | undefined =>
  statuses
    .filter((one) => one.nodeName === name && one.replication && isFresh(one, now))
    .sort((a, b) => (a.sampledAt < b.sampledAt ? 1 : -1))[0];

function nodeOf({ name, primary }: Node): ReplicationNode {
  const { replication } = primary ?? {};
  const error = replication ? replication.error : 'no primary of this node was heard of a moment ago';
  return {
    name,
    ...(primary && { instance_id: primary.instanceId, sampled_at: wireTime(primary.sampledAt) }),
    ...(replication?.conflicts !== undefined && { conflicts: replication.conflicts }),
    ...(error !== undefined && { error }),
  };
}

function pairOf(node: Node, from: Node): ReplicationPair {
  const said = node.primary?.replication?.peers.find(({ name }) => name === from.name);
  const slot = from.primary?.replication?.peers.find(({ name }) => name === node.name)?.slot;
  return {
    ...{ node: node.name, from: from.name, state: said?.state ?? 'unknown' },
    ...(said && factsOf(said)),
    ...(slot && {
      slot: {
        ...{ exists: slot.exists, active: slot.active },
        ...(slot.walStatus !== undefined && { wal_status: slot.walStatus }),
        ...(slot.safeWalSize !== undefined && { safe_wal_size: slot.safeWalSize }),
        ...(slot.retainedBytes !== undefined && { retained_bytes: slot.retainedBytes }),
      },
    }),
  };
}

const factsOf = (said: FollowedPeer): Partial<ReplicationPair> => ({
  ...(said.waitsFor !== undefined && { waits_for: said.waitsFor }),
  ...(said.lagBytes !== undefined && { lag_bytes: said.lagBytes }),
  ...(said.lagMs !== undefined && { lag_ms: said.lagMs }),
  ...(said.lastCommitAt !== undefined && { last_commit_at: wireTime(said.lastCommitAt) }),
  ...(said.clockOffsetMs !== undefined && { clock_offset_ms: said.clockOffsetMs }),
  ...(said.stoppedAt !== undefined && { stopped_at: said.stoppedAt }),
});
