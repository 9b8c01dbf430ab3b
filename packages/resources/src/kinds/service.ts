import { z } from 'zod';
import type { Clients, ServiceRequest } from '../clients/ports.ts';
import { digest } from '../engine/hash.ts';
import type { Scope } from '../engine/resource.ts';
import { certificates } from './certificates.ts';
import { assertOwned, defineResource, ownerLabels } from './define.ts';
import { directories, instancePath } from './directories.ts';
import { hostPort } from './host-port.ts';
import { network } from './network.ts';
import { patroniCluster } from './patroni-cluster.ts';
import { patroniConfig } from './patroni-config.ts';

const spec = z.strictObject({
  name: z.string(),
  instanceId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  scope: z.string(),
  networkName: z.string(),
  imageId: z.string(),
  published: z.boolean(),
  nanoCpus: z.int().optional(),
  memoryBytes: z.int().optional(),
  extraVolumes: z.array(z.strictObject({ hostPath: z.string(), destinationPath: z.string() })),
  extraNetworks: z.array(
    z.strictObject({ id: z.string(), aliases: z.array(z.string()), driverOpts: z.record(z.string(), z.string()) }),
  ),
  extraLabels: z.record(z.string(), z.string()),
});
type Spec = z.output<typeof spec>;

const SPEC_HASH = 'windlass.spec-hash';

/** The Swarm service that keeps one instance's container running on its host. */
export const service = defineResource({
  kind: 'swarm.service',
  version: 1,
  spec,
  status: z.strictObject({ serviceId: z.string() }),
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

  async refresh(prior, scope) {
    const found = await scope.clients.docker.service(prior.spec.name);
    if (!found) return undefined;
    const drift = [
      ...(found.labels[SPEC_HASH] === hashOf(requestOf(prior.spec, scope)) ? [] : ['spec']),
      ...(found.replicas === 1 ? [] : ['replicas']),
    ];
    return { status: { serviceId: found.id }, drift };
  },
  async create(s, scope) {
    const { docker } = scope.clients;
    const request = labelled(requestOf(s, scope));
    const found = await docker.service(s.name);
    if (!found) return { serviceId: await docker.createService(request) };
    assertOwned(found.labels, scope.owner, `service '${s.name}'`);
    const same = found.labels[SPEC_HASH] === request.labels[SPEC_HASH] && found.replicas === 1;
    if (!same) await docker.updateService(s.name, request);
    return { serviceId: found.id };
  },
  async update(s, _prior, scope) {
    const found = await scope.clients.docker.service(s.name);
    if (!found) return { serviceId: await scope.clients.docker.createService(labelled(requestOf(s, scope))) };
    assertOwned(found.labels, scope.owner, `service '${s.name}'`);
    await scope.clients.docker.updateService(s.name, labelled(requestOf(s, scope)));
    return { serviceId: found.id };
  },
  /** An instance's service goes together with its data, so nothing is gained by an orderly stop, which takes seconds. */
  async delete(prior, { clients: { docker }, owner, signal }) {
    const { name } = prior.spec;
    const found = await docker.service(name);
    if (found) assertOwned(found.labels, owner, `service '${name}'`);
    const container = await docker.serviceContainer(name);
    const removed = docker.removeService(name, signal);
    await Promise.all([removed, ...(container ? [docker.removeContainer(container.id)] : [])]);
  },
});

const hashOf = (request: ServiceRequest): string => digest(request);

function labelled(request: ServiceRequest): ServiceRequest {
  return { ...request, labels: { ...request.labels, [SPEC_HASH]: hashOf(request) } };
}

function requestOf(s: Spec, { clients, owner, status }: Scope<Clients>): ServiceRequest {
  const root = clients.files.absolute(instancePath(s.instanceId));
  const labels = {
    ...s.extraLabels,
    ...ownerLabels({ ...owner, ref: { kind: 'swarm.service', id: s.name } }),
    'pgedge.host.id': s.hostId,
    'pgedge.database.id': owner.entityId,
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
      ...s.extraVolumes.map((v) => ({ source: v.hostPath, target: v.destinationPath, readOnly: false })),
    ],
    publish: s.published ? [{ published: status(hostPort.ref(s.instanceId)).port, target: 5432 }] : [],
    ...(s.nanoCpus !== undefined && { nanoCpus: s.nanoCpus }),
    ...(s.memoryBytes !== undefined && { memoryBytes: s.memoryBytes }),
    stopGraceSeconds: 60,
    replicas: 1,
  };
}
