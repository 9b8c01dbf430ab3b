import { z } from 'zod';
import type { Clients, ServiceRequest } from '../clients/ports.ts';
import type { Context } from '../../engine/resource.ts';
import { REPLICATOR_ROLE } from '../inside/system-names.ts';
import { REPLICATOR_PORT } from '../spec/replicator.ts';
import { defineResource, ownerLabels } from './define.ts';
import { hardened, hardeningSpec } from './hardening.ts';
import { network } from './network.ts';
import { replicationCertificates, replicatorPath } from './replication-certificates.ts';
import { numberedNode, replicationSchema } from './replication-schema.ts';
import { ensureService, removeService, serviceDrift } from './swarm-service.ts';

const spec = z.strictObject({
  name: z.string(),
  instanceId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  networkName: z.string(),
  imageId: z.string(),
  databaseName: z.string(),
  number: z.int(),
  /** `host:port` of the instance it stands beside. */
  own: z.string(),
  /** With `host:port` of each of their instances, in the network of the database. */
  peers: z.array(numberedNode.extend({ hosts: z.array(z.string()) })),
  /** The other nodes' names, this one's too: in each of them everything has to be there before one reads from another. */
  nodes: z.array(z.string()),
  /** Its instance is to have no running container. */
  stopped: z.literal(true).optional(),
  /** Absent: of an image that does not say that it can. */
  hardening: z.optional(hardeningSpec),
});
type Spec = z.output<typeof spec>;

/**
 * The replicator beside an instance: a Swarm service of its own. While its instance is the primary of the node it reads what all peers write
 * and applies it; else it waits. It needs neither Temporal nor etcd nor the API.
 */
export const replicationService = defineResource({
  kind: 'replication.service',
  version: 1,
  spec,
  status: z.strictObject({ serviceId: z.string() }),
  immutable: ['name'],
  id: (s) => s.instanceId,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [
    { ref: replicationCertificates.ref(s.instanceId) },
    { ref: network.ref(s.networkName), output: true },
    ...s.nodes.map((name) => ({ ref: replicationSchema.ref(name) })),
  ],

  async refresh(prior, context) {
    const found = await context.clients.docker.service(prior.spec.name);
    if (!found) return undefined;
    return { status: { serviceId: found.id }, drift: serviceDrift(found, requestOf(prior.spec, context)) };
  },
  deletableAt: 'manager',
  create: ensure,
  update: (s, _prior, context) => ensure(s, context),
  delete: (prior, context) => removeService(prior.spec.name, context),
});

async function ensure(s: Spec, context: Context<Clients>): Promise<{ serviceId: string }> {
  const { serviceId } = await ensureService(requestOf(s, context), context);
  return { serviceId };
}

/** After it was killed it is back before a client has noticed. */
const RESTART_DELAY_MS = 50;

function requestOf(s: Spec, { clients, owner, status }: Context<Clients>): ServiceRequest {
  const root = clients.files.absolute(replicatorPath(s.instanceId));
  const labels = {
    ...ownerLabels({ ...owner, ref: { kind: 'replication.service', id: s.instanceId } }),
    'pgedge.host.id': s.hostId,
    'pgedge.database.id': owner.entity.id,
    'pgedge.node.name': s.nodeName,
    'pgedge.component': 'replicator',
  };
  return {
    name: s.name,
    ...{ labels, containerLabels: labels, image: s.imageId, hostname: s.name, env: environmentOf(s) },
    swarmNodeId: clients.host.swarmNodeId,
    networks: [{ target: 'bridge' }, { target: status(network.ref(s.networkName)).networkId }],
    mounts: [
      { source: `${root}/certs`, target: '/windlass/certs', readOnly: true },
      { source: `${root}/spill`, target: '/windlass/spill', readOnly: false },
    ],
    ...{ publish: [], stopGraceSeconds: 10, restartDelayMs: RESTART_DELAY_MS, readOnly: true },
    ...hardened(s.hardening, ['/usr/bin/tini', '--', '/app/run']),
    replicas: s.stopped ? 0 : 1,
  };
}

const environmentOf = (s: Spec): Record<string, string> => ({
  WINDLASS_NODE_NUMBER: String(s.number),
  WINDLASS_NODE_NAME: s.nodeName,
  WINDLASS_NODE_HOSTS: s.own,
  WINDLASS_PEERS: JSON.stringify(s.peers.map(({ hosts, ...one }) => ({ ...one, hosts: hosts.join(',') }))),
  WINDLASS_DATABASE: s.databaseName,
  WINDLASS_USER: REPLICATOR_ROLE,
  WINDLASS_CA_CERT: '/windlass/certs/ca.crt',
  WINDLASS_CLIENT_CERT: '/windlass/certs/replicator.crt',
  WINDLASS_CLIENT_KEY: '/windlass/certs/replicator.key',
  WINDLASS_SPILL_DIR: '/windlass/spill',
  WINDLASS_LISTEN: `0.0.0.0:${String(REPLICATOR_PORT)}`,
});
