import type { ReplicatorCondition, ReplicatorConditionType, ReplicatorFacts } from '../clients/index.ts';
import type { InstanceCondition } from '../records/index.ts';
import type { ConditionType } from '../spec/conditions.ts';
import type { ReplicatingNode } from './sample-replication.ts';

type Meaning = readonly [type: ConditionType, remedy: string];

/** Each condition of a replicator, as one of the database, and what to do about it where the replicator does not say that. */
const MEANINGS: Readonly<Record<Exclude<ReplicatorConditionType, 'apply_stopped'>, Meaning>> = {
  own_unreachable: ['replicator_not_working', 'it is tried again'],
  own_not_ready: ['replicator_not_working', 'it is tried again every 2 s'],
  another_replicator: ['replicator_not_working', 'the other one works; it is tried again'],
  peer_unreachable: ['peer_unreachable', 'it is tried again; bring the peer back'],
  peer_refuses: ['replication_stopped', 'set right at the peer what it says; it is tried again every 5 s'],
  slot_lost: ['slot_lost', 'that peer must be made anew: remove the node and add it again'],
  must_be_rebuilt: ['node_must_be_rebuilt', 'remove the node and add it again'],
  slot_nearly_lost: ['slot_nearly_lost', 'bring the peer back, or remove its node before the disk is full'],
  clock_off: ['clock_off', 'set the clocks of the hosts right'],
  ddl_waits: ['ddl_waits', 'end who holds the locks; it is tried again'],
  sequences_collide: ['sequences_collide', 'set it right'],
  spock_schema_taken: ['spock_schema_taken', 'rename it, if those scripts are needed'],
  round_failed: ['replication_upkeep_failed', 'it is tried again every minute'],
  versions_forgotten: ['nodes_may_differ', 'compare the nodes'],
  peer_lost_commits: ['nodes_may_differ', 'compare the nodes'],
  lost_what_was_confirmed: ['nodes_may_differ', 'compare the nodes'],
};
/** One of a later release. */
const OTHER: Meaning = ['replication_upkeep_failed', 'see the log of the replicator'];

/** What needs attention about what a node applies, in words with what is to be done. `error`: why its replicator could not be asked. */
export function conditionsOf(
  node: ReplicatingNode,
  facts: ReplicatorFacts | undefined,
  error?: string,
): InstanceCondition[] {
  if (facts) return facts.conditions.map((one) => conditionOf(node, facts, one));
  return [{ type: 'replicator_not_working', message: error ?? '', since: '' }];
}

function conditionOf(node: ReplicatingNode, facts: ReplicatorFacts, one: ReplicatorCondition): InstanceCondition {
  const peer = node.peers.find(({ number }) => number === one.peer)?.name;
  const [type, remedy] = isKnown(one.type) ? MEANINGS[one.type] : OTHER;
  const stoppedAt = one.type === 'apply_stopped' ? facts.peers.find((p) => p.number === one.peer)?.stoppedAt : null;
  const about = peer === undefined ? `node '${node.nodeName}'` : `node '${node.nodeName}', peer '${peer}'`;
  if (one.type === 'apply_stopped')
    return {
      type: 'replication_stopped',
      message: `${about}: ${one.message}: ${stoppedRemedy(node.nodeName, peer, stoppedAt)}`,
      since: one.since,
    };
  return { type, message: `${about}: ${one.message}: ${remedy}`, since: one.since };
}

const isKnown = (type: string): type is keyof typeof MEANINGS => Object.hasOwn(MEANINGS, type);

function stoppedRemedy(nodeName: string, peer: string | undefined, stoppedAt: string | null | undefined): string {
  const again = 'make the tables equal; it is tried again every 5 s';
  if (peer === undefined || typeof stoppedAt !== 'string') return again;
  return `${again}; the last way out, which leaves this transaction out for good: POST …/nodes/${nodeName}/skip {"peer":"${peer}","lsn":"${stoppedAt}"}`;
}
