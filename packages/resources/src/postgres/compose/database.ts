import type { Desired } from '../../engine/resource.ts';
import { network } from '../kinds/network.ts';
import { networkName } from '../spec/index.ts';
import { listInstances, type ComposeContext, type Instance, type StoredDatabase } from './instances.ts';
import { nodeResources } from './node-resources.ts';
import { copyOf } from './copied-node.ts';
import { replicatingNodes } from './replicating-nodes.ts';
import { replicationResources } from './replication.ts';

/** Every resource a declared database needs. Pure: equal inputs give equal lists. The only place that knows which kinds there are. */
export function compose(stored: StoredDatabase, ctx: ComposeContext): Desired[] {
  const instances = listInstances(stored, ctx);
  const replicating = replicatingNodes(instances, stored);
  const byNode = new Map<string, Instance[]>();
  for (const instance of instances)
    byNode.set(instance.node.name, [...(byNode.get(instance.node.name) ?? []), instance]);
  return [
    network.want({ name: networkName(ctx.databaseId) }),
    ...[...byNode].flatMap(([name, members]) =>
      nodeResources(members, ctx.databaseId, stored, copyOf(name, replicating, stored)),
    ),
    ...replicationResources(replicating, stored),
  ];
}
