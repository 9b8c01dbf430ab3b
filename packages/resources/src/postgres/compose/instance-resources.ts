import type { Desired } from '../../engine/resource.ts';
import { certificates } from '../kinds/certificates.ts';
import { directories } from '../kinds/directories.ts';
import { etcdAccess } from '../kinds/etcd-access.ts';
import { hostPort } from '../kinds/host-port.ts';
import { instance as instanceKind } from '../kinds/instance.ts';
import { patroniConfig } from '../kinds/patroni-config.ts';
import { service } from '../kinds/service.ts';
import { settings } from '../kinds/settings.ts';
import { hardeningOf } from './hardening.ts';
import { imageOf, majorOf, type Instance } from './instances.ts';
import type { NodeSettings } from './node-settings.ts';

/** What one instance needs on its host, from its directories to a Postgres that takes writes with its settings in effect. */
export function instanceResources(
  instance: Instance,
  nodeSettings: Omit<NodeSettings, 'synchronousStandbys'>,
): Desired[] {
  const { instanceId, serviceName, scope, node, host, stopped } = instance;
  const base = { instanceId, hostId: host.id };
  return [
    ...(node.port === undefined ? [] : [hostPort.want({ ...base, port: node.port })]),
    directories.want(base),
    etcdAccess.want({ instanceId, scope }),
    certificates.want({ ...base, scope, names: namesOf(instance) }),
    patroniConfig.want({ ...base, scope, hostname: serviceName, postgresMajor: majorOf(instance) }),
    ...[
      service.want(serviceSpec(instance)),
      {
        ...instanceKind.want({ ...base, nodeName: node.name, serviceName, scope, ...(stopped && { stopped }) }),
        ...(stopped && { stopped }),
      },
      { ...settings.want({ ...base, serviceName, scope, ...nodeSettings }), ...(stopped && { paused: stopped }) },
    ].map((wanted) => ({ ...wanted, rolling: { group: scope, member: instanceId } })),
  ];
}

/** Names under which clients and members reach it, for its certificate. */
function namesOf({ serviceName, host }: Instance): string[] {
  return [...new Set([serviceName, 'localhost', '127.0.0.1', ...host.clientAddresses])].sort();
}

function serviceSpec(instance: Instance): Parameters<typeof service.want>[0] {
  const { node, host } = instance;
  const swarm = node.orchestratorOpts?.swarm;
  const hardening = hardeningOf(instance);
  return {
    name: instance.serviceName,
    instanceId: instance.instanceId,
    nodeName: node.name,
    hostId: host.id,
    scope: instance.scope,
    networkName: instance.networkName,
    imageId: imageOf(instance),
    published: node.port !== undefined,
    ...(instance.stopped && { stopped: instance.stopped }),
    ...(node.cpus > 0 && { nanoCpus: Math.round(node.cpus * 1e9) }),
    ...(node.memoryBytes > 0 && { memoryBytes: node.memoryBytes }),
    ...(hardening && { hardening }),
    extraVolumes: (swarm?.extra_volumes ?? []).map((v) => ({
      hostPath: v.host_path,
      destinationPath: v.destination_path,
    })),
    extraNetworks: (swarm?.extra_networks ?? []).map((n) => ({
      id: n.id,
      aliases: n.aliases ?? [],
      driverOpts: n.driver_opts ?? {},
    })),
    extraLabels: swarm?.extra_labels ?? {},
  };
}
