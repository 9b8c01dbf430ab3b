import type { Desired } from '../../engine/resource.ts';
import type { ProgramImage } from '../clients/ports.ts';
import { DomainError } from '../../errors/index.ts';
import { instance as instanceKind } from '../kinds/instance.ts';
import { replicationCertificates } from '../kinds/replication-certificates.ts';
import { replicationSchema } from '../kinds/replication-schema.ts';
import { replicationService } from '../kinds/replication-service.ts';
import { replicationSlots } from '../kinds/replication-slots.ts';
import { replicationStreams } from '../kinds/replication-streams.ts';
import { script } from '../kinds/script.ts';
import { replicatorService } from '../spec/index.ts';
import type { Instance, StoredDatabase } from './instances.ts';
import { addressOf, beganTogether, type ReplicatingNode } from './replicating-nodes.ts';
import { scriptsOf } from './scripts-of.ts';

type Node = ReplicatingNode;

/** What a database with several nodes needs so that what is written on one of them comes to all others. */
export const replicationResources = (nodes: readonly Node[], stored: StoredDatabase): Desired[] =>
  nodes.flatMap((node) => ofNode(node, nodes, stored));

function ofNode(node: Node, nodes: readonly Node[], stored: StoredDatabase): Desired[] {
  const [first] = node.instances;
  if (!first) return [];
  const databaseName = stored.spec.database_name;
  const peers = nodes.filter((one) => one !== node).sort((a, b) => a.number - b.number);
  const numbered = peers.map(({ number, name }) => ({ number, name }));
  const place = { nodeName: node.name, scope: first.scope, databaseName };
  const running = node.instances.filter(({ stopped }) => !stopped);
  const any = running.map(({ instanceId }) => ({ ref: instanceKind.ref(instanceId), anyOf: 'instances' }));
  const paused = running.length === 0 && { paused: true };
  const schema = replicationSchema.want({ ...place, number: node.number, peers: numbered });
  const streams = replicationStreams.want({ ...place, peers: numbered, instances: replicating([node, ...peers]) });
  return [
    { ...schema, dependsOn: [...schema.dependsOn, ...any, ...madeBefore(node, stored)], ...paused },
    ...slotsOf(node, peers, place, stored).map((slots) => ({ ...slots, ...paused })),
    ...node.instances.flatMap((one) => [
      replicationCertificates.want({ instanceId: one.instanceId, hostId: one.host.id }),
      serviceOf(one, node, peers, databaseName),
    ]),
    { ...streams, ...paused },
  ];
}

/** What a script makes is there before anything is watched or copied: it is one transaction, and only the second half of it would be seen. */
function madeBefore({ name }: Node, stored: StoredDatabase): Desired['dependsOn'] {
  const { post_database_create: statements = [] } = scriptsOf(name, stored);
  return statements.length > 0 ? [{ ref: script.ref(`${name}:post_database_create`) }] : [];
}

/** Those of nodes that began with it, and of copies of another node that did; who comes later makes its own. */
function slotsOf(
  { name }: Node,
  peers: readonly Node[],
  place: { readonly nodeName: string; readonly scope: string; readonly databaseName: string },
  stored: StoredDatabase,
): Desired[] {
  const together = beganTogether(stored);
  const others = peers.filter((peer) => !stored.nodeSources?.[peer.name]?.there.includes(name));
  if (!together.includes(name) || others.length === 0) return [];
  return [replicationSlots.want({ ...place, peers: others.map(({ number }) => number) })];
}

/** The instances of each node that are not to stay stopped. */
const replicating = (nodes: readonly Node[]): Record<string, string[]> =>
  Object.fromEntries(
    nodes.map(({ name, instances }) => [
      name,
      instances.filter(({ stopped }) => !stopped).map(({ instanceId }) => instanceId),
    ]),
  );

/** Of a process of Node.js and its threads, and of what starts it. */
const REPLICATOR_PIDS = 256;

function serviceOf(one: Instance, node: Node, peers: readonly Node[], databaseName: string): Desired {
  const image = replicatorImage(one);
  return replicationService.want({
    name: replicatorService(one.instanceId),
    instanceId: one.instanceId,
    nodeName: node.name,
    hostId: one.host.id,
    networkName: one.networkName,
    imageId: image.id,
    ...(image.hardens && { hardening: { readOnlyRoot: true, noNewPrivileges: true, pidsLimit: REPLICATOR_PIDS } }),
    databaseName,
    number: node.number,
    own: addressOf(one),
    peers: peers.map(({ number, name, instances }) => ({ number, name, hosts: instances.map(addressOf) })),
    nodes: [node.name, ...peers.map(({ name }) => name)].sort(),
    ...(one.stopped && { stopped: true }),
  });
}

/** The host's newest. Throws `image_not_found`. */
function replicatorImage({ host }: Instance): ProgramImage {
  const [newest] = host.replicatorImages ?? [];
  if (newest) return newest;
  throw new DomainError('image_not_found', `host '${host.id}' has no image of the replicator`);
}
