import type { Desired } from '../../engine/resource.ts';
import { DomainError } from '../../errors/index.ts';
import { instance as instanceKind } from '../kinds/instance.ts';
import { replicationCertificates } from '../kinds/replication-certificates.ts';
import { replicationSchema } from '../kinds/replication-schema.ts';
import { replicationService } from '../kinds/replication-service.ts';
import { replicationStreams } from '../kinds/replication-streams.ts';
import { replicatorService } from '../spec/index.ts';
import type { Instance, StoredDatabase } from './instances.ts';

const POSTGRES_PORT = 5432;

interface Node {
  readonly name: string;
  readonly number: number;
  readonly instances: readonly Instance[];
}

/** What a database with several nodes needs so that what is written on one of them comes to all others; nothing for one node. */
export function replicationResources(instances: readonly Instance[], stored: StoredDatabase): Desired[] {
  const names = [...new Set(instances.map(({ node }) => node.name))];
  if (names.length < 2) return [];
  const nodes = names.map((name) => ({
    name,
    number: numberOf(name, stored),
    instances: instances.filter(({ node }) => node.name === name),
  }));
  return nodes.flatMap((node) => ofNode(node, nodes, stored.spec.database_name));
}

function numberOf(name: string, { nodeNumbers }: StoredDatabase): number {
  const number = nodeNumbers?.current[name];
  if (number === undefined) throw new DomainError('server_error', `node '${name}' has no number`);
  return number;
}

function ofNode(node: Node, nodes: readonly Node[], databaseName: string): Desired[] {
  const [first] = node.instances;
  if (!first) return [];
  const peers = nodes.filter((one) => one !== node).sort((a, b) => a.number - b.number);
  const numbered = peers.map(({ number, name }) => ({ number, name }));
  const place = { nodeName: node.name, scope: first.scope, databaseName };
  const running = node.instances.filter(({ stopped }) => !stopped);
  const any = running.map(({ instanceId }) => ({ ref: instanceKind.ref(instanceId), anyOf: 'instances' }));
  const paused = running.length === 0 && { paused: true };
  const schema = replicationSchema.want({ ...place, number: node.number, peers: numbered });
  const streams = replicationStreams.want({ ...place, peers: numbered, instances: replicating([node, ...peers]) });
  return [
    { ...schema, dependsOn: [...schema.dependsOn, ...any], ...paused },
    ...node.instances.flatMap((one) => [
      replicationCertificates.want({ instanceId: one.instanceId, hostId: one.host.id }),
      serviceOf(one, node, peers, databaseName),
    ]),
    { ...streams, ...paused },
  ];
}

/** The instances of each node that are not to stay stopped. */
const replicating = (nodes: readonly Node[]): Record<string, string[]> =>
  Object.fromEntries(
    nodes.map(({ name, instances }) => [
      name,
      instances.filter(({ stopped }) => !stopped).map(({ instanceId }) => instanceId),
    ]),
  );

function serviceOf(one: Instance, node: Node, peers: readonly Node[], databaseName: string): Desired {
  return replicationService.want({
    name: replicatorService(one.instanceId),
    instanceId: one.instanceId,
    nodeName: node.name,
    hostId: one.host.id,
    networkName: one.networkName,
    imageId: replicatorImage(one),
    databaseName,
    number: node.number,
    own: addressOf(one),
    peers: peers.map(({ number, name, instances }) => ({ number, name, hosts: instances.map(addressOf) })),
    nodes: [node.name, ...peers.map(({ name }) => name)].sort(),
    ...(one.stopped && { stopped: true }),
  });
}

const addressOf = ({ serviceName }: Instance): string => `${serviceName}:${String(POSTGRES_PORT)}`;

/** The host's newest. Throws `image_not_found`. */
function replicatorImage({ host }: Instance): string {
  const [newest] = host.replicatorImages ?? [];
  if (newest) return newest.id;
  throw new DomainError('image_not_found', `host '${host.id}' has no image of the replicator`);
}
