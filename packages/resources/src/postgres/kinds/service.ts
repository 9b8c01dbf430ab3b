import { z } from 'zod';
import type { Clients, ServiceRequest } from '../clients/ports.ts';
import { digest } from '../../engine/hash.ts';
import type { Context } from '../../engine/resource.ts';
import { certificates } from './certificates.ts';
import { defineResource, ownerLabels } from './define.ts';
import { backupsPath, dataPath, directories, holdFile, instancePath } from './directories.ts';
import { handOver } from '../inside/hand-over.ts';
import { hardened, hardeningSpec } from './hardening.ts';
import { hostPort } from './host-port.ts';
import { network } from './network.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { patroniConfig } from './patroni-config.ts';
import { ensureService, removeService, serviceDrift, SPEC_HASH, type MadeService } from './swarm-service.ts';

const spec = z.strictObject({
  name: z.string(),
  instanceId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  scope: z.string(),
  networkName: z.string(),
  imageId: z.string(),
  published: z.boolean(),
  /** No container is to run. */
  stopped: z.literal(true).optional(),
  /** Its instance begins with data that is made meanwhile: its container waits for it. */
  awaitsData: z.literal(true).optional(),
  nanoCpus: z.int().optional(),
  memoryBytes: z.int().optional(),
  /** Absent: of an image that does not say that it can; its container is as older releases made it. */
  hardening: z.optional(hardeningSpec),
  extraVolumes: z.array(z.strictObject({ hostPath: z.string(), destinationPath: z.string() })),
  extraNetworks: z.array(
    z.strictObject({ id: z.string(), aliases: z.array(z.string()), driverOpts: z.record(z.string(), z.string()) }),
  ),
  extraLabels: z.record(z.string(), z.string()),
});
type Spec = z.output<typeof spec>;

/** The Swarm service that keeps one instance's container running on its host. */
export const service = defineResource({
  kind: 'swarm.service',
  version: 2,
  // Containers had no hash on them; a look tells that of the service.
  migrations: [({ spec, status }) => ({ spec, status: status && { ...status, specHash: '' } })],
  spec,
  /** The hash stands on the service's containers, too: it tells those of this spec from older ones. */
  status: z.strictObject({ serviceId: z.string(), specHash: z.string() }),
  immutable: ['name'],
  id: (s) => s.name,
  executor: (s) => ({ on: 'host', hostId: s.hostId }),
  dependsOn: (s) => [
    { ref: directories.ref(s.instanceId), output: true },
    { ref: network.ref(s.networkName), output: true },
    { ref: certificates.ref(s.instanceId) },
    { ref: patroniConfig.ref(s.instanceId) },
    { ref: patroniCluster.ref(s.scope) },
    ...(s.published ? [{ ref: hostPort.ref(s.instanceId), output: true }] : []),
  ],

  async refresh(prior, context) {
    const found = await context.clients.docker.service(prior.spec.name);
    if (!found) return undefined;
    const drift = serviceDrift(found, requestOf(prior.spec, context));
    return { status: { serviceId: found.id, specHash: found.labels[SPEC_HASH] ?? '' }, drift };
  },
  deletableAt: 'manager',
  interrupts: ({ awaitsData: _before, ...before }, { awaitsData: _after, ...after }) =>
    digest(before) !== digest(after),
  interruptedBy: [hostPort.kind, network.kind],
  create: ensure,
  update: (s, _prior, context) => ensure(s, context),
  /** An instance's service goes together with its data. */
  delete: (prior, context) => removeService(prior.spec.name, context),
});

function ensure(s: Spec, context: Context<Clients>): Promise<MadeService> {
  return ensureService(requestOf(s, context), context, {
    ...(s.awaitsData && { create: () => holdWithoutData(s, context.clients) }),
    update: async () => void (await handOver(s, context)),
  });
}

/** Whoever puts the data in place takes the file away afterwards: of the two one always sees what the other did. */
async function holdWithoutData({ instanceId }: Spec, { files }: Clients): Promise<void> {
  const there = async (): Promise<boolean> => (await files.directory(dataPath(instanceId))) !== undefined;
  if (await there()) return;
  await files.write(holdFile(instanceId), '');
  if (await there()) await files.removeTree(holdFile(instanceId));
}

function requestOf(s: Spec, { clients, owner, status }: Context<Clients>): ServiceRequest {
  const root = clients.files.absolute(instancePath(s.instanceId));
  const labels = {
    ...s.extraLabels,
    ...ownerLabels({ ...owner, ref: { kind: 'swarm.service', id: s.name } }),
    'pgedge.host.id': s.hostId,
    'pgedge.database.id': owner.entity.id,
    'pgedge.instance.id': s.instanceId,
    'pgedge.node.name': s.nodeName,
    'pgedge.component': 'postgres',
  };
  return {
    name: s.name,
    labels,
    containerLabels: labels,
    image: s.imageId,
    hostname: s.name,
    swarmNodeId: clients.host.swarmNodeId,
    networks: [
      { target: 'bridge' },
      { target: status(network.ref(s.networkName)).networkId },
      ...s.extraNetworks.map((n) => ({ target: n.id, aliases: n.aliases, driverOpts: n.driverOpts })),
    ],
    mounts: [
      { source: `${root}/config`, target: '/windlass/config', readOnly: true },
      { source: `${root}/certs`, target: '/windlass/certs', readOnly: true },
      { source: `${root}/data`, target: '/windlass/data', readOnly: false },
      { source: clients.files.absolute(backupsPath(owner.entity.id)), target: '/windlass/backups', readOnly: false },
      ...s.extraVolumes.map((v) => ({ source: v.hostPath, target: v.destinationPath, readOnly: false })),
    ],
    publish: s.published ? [{ published: status(hostPort.ref(s.instanceId)).port, target: 5432 }] : [],
    ...(s.nanoCpus !== undefined && { nanoCpus: s.nanoCpus }),
    ...(s.memoryBytes !== undefined && { memoryBytes: s.memoryBytes }),
    ...hardened(s.hardening, ['/usr/bin/tini', '--', 'windlass-start']),
    stopGraceSeconds: 60,
    replicas: s.stopped ? 0 : 1,
  };
}
