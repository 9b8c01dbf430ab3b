import { databaseEntity } from '@windlass/resources/entity';
import { peerSlot } from '@windlass/resources/postgres/spec';
import { scopeOf } from '@windlass/resources/postgres/inside';
import { databaseRecords } from '@windlass/resources/postgres/records';
import type { ActivityDeps } from '../core/deps.ts';
import { hostQueue } from '../core/placement.ts';
import { INSTANCE, REPLICATOR, specsAmong } from './stored-specs.ts';

export interface NodeMember {
  readonly instanceId: string;
  /** The queue of its host. */
  readonly queue: string;
  /** It is to stay stopped. */
  readonly stopped: boolean;
}

/** A node as it is now. */
export interface NodeFacts {
  readonly scope: string;
  /** Who holds the leader's lock: the primary, as far as Patroni knows. */
  readonly leader?: string;
  readonly members: readonly NodeMember[];
  /** Slots from which other nodes read at its primary; absent for the one node of a database. */
  readonly peerSlots?: readonly string[];
}

/** Who belongs to a node and who leads it, from what is stored and from Patroni's key in etcd. */
export function findNode({ kv, state, clients }: ActivityDeps) {
  return async function findNode(input: {
    readonly databaseId: string;
    readonly nodeName: string;
  }): Promise<NodeFacts> {
    const { databaseId, nodeName } = input;
    const scope = scopeOf(databaseId, nodeName);
    const [records, database, leader] = await Promise.all([
      state.list(databaseEntity(databaseId)),
      databaseRecords.get(kv, databaseId),
      clients.dcs.leader(scope),
    ]);
    const stopped = database?.value.stoppedInstances ?? [];
    const members = specsAmong(records, INSTANCE)
      .filter((s) => s.nodeName === nodeName)
      .map(({ instanceId, hostId }) => ({
        instanceId,
        queue: hostQueue(hostId),
        stopped: stopped.includes(instanceId),
      }));
    const [replicator] = specsAmong(records, REPLICATOR).filter((s) => s.nodeName === nodeName);
    const peerSlots = replicator?.peers.map(({ number }) => peerSlot(number));
    return { scope, members, ...(leader !== undefined && { leader }), ...(peerSlots && { peerSlots }) };
  };
}
