import type { Desired } from '../../engine/resource.ts';
import { instance } from '../kinds/instance.ts';
import { replicationCopy } from '../kinds/replication-copy.ts';
import { addressOf, type ReplicatingNode } from './replicating-nodes.ts';
import type { StoredDatabase } from './instances.ts';
import { workContainer } from './restored-node.ts';

/** The copy of another node that a node begins as; undefined for one that began otherwise, and where it is alone. */
export function copyOf(name: string, nodes: readonly ReplicatingNode[], stored: StoredDatabase): Desired | undefined {
  const declared = stored.nodeSources?.[name];
  const node = nodes.find((one) => one.name === name);
  const [first] = node?.instances ?? [];
  if (!declared || !node || !first) return undefined;
  const others = nodes.filter((one) => one !== node).sort((a, b) => a.number - b.number);
  const there = others.filter((one) => declared.there.includes(one.name));
  const wanted = replicationCopy.want({
    instanceId: first.instanceId,
    nodeName: name,
    hostId: first.host.id,
    scope: first.scope,
    networkName: first.networkName,
    container: workContainer(first, [first.networkName]),
    databaseName: stored.spec.database_name,
    number: node.number,
    source: others.find((one) => one.name === declared.source)?.number ?? 0,
    there: there.map(({ number, name: its, instances }) => ({ number, name: its, hosts: instances.map(addressOf) })),
    peers: others.map(({ number, name: its }) => ({ number, name: its })),
  });
  const any = there.flatMap(({ name: its, instances }) =>
    instances
      .filter(({ stopped }) => !stopped)
      .map(({ instanceId }) => ({ ref: instance.ref(instanceId), anyOf: `instances of ${its}` })),
  );
  return { ...wanted, dependsOn: [...wanted.dependsOn, ...any] };
}
