import type { Desired } from '../../engine/resource.ts';
import { instance } from '../kinds/instance.ts';
import { patroniConfig } from '../kinds/patroni-config.ts';
import { restoredData } from '../kinds/restored-data.ts';
import { service } from '../kinds/service.ts';
import { imageOf, majorOf, type Instance, type StoredDatabase } from './instances.ts';

/**
 * A node that begins with data of another one, a backup or a copy: its first member gets the data before it starts Postgres, in a container that waits for
 * it where its image can, and the others are made when the first takes writes, so that they copy it. Nothing changes for a
 * node that has no such beginning.
 */
export function withData(
  resources: readonly Desired[],
  [first, ...others]: readonly Instance[],
  data: Desired | undefined,
): Desired[] {
  if (!first || !data) return [...resources];
  const image = imageOf(first);
  const waits = first.host.images.some((one) => one.id === image && one.holds);
  const later = new Set(others.map((member) => patroniConfig.ref(member.instanceId).id));
  return [
    data,
    ...resources.map((one) => {
      const { kind, id } = one.ref;
      const isService = kind === service.kind && id === first.serviceName;
      const isFirst = waits ? kind === instance.kind && id === first.instanceId : isService;
      const isLater = kind === patroniConfig.kind && later.has(id);
      const more = isFirst ? [{ ref: data.ref }] : isLater ? [{ ref: instance.ref(first.instanceId) }] : [];
      const spec = isService && waits ? { ...(one.spec as object), awaitsData: true } : one.spec;
      return { ...one, spec, dependsOn: [...one.dependsOn, ...more] };
    }),
  ];
}

/** The backup a node begins with. */
export function restoredDataOf(first: Instance, { spec, restoreOrigins }: StoredDatabase): Desired | undefined {
  const { node } = first;
  const origin = restoreOrigins?.[node.name];
  if (!origin) return undefined;
  return restoredData.want({
    instanceId: first.instanceId,
    nodeName: node.name,
    hostId: first.host.id,
    scope: first.scope,
    origin,
    databaseName: spec.database_name,
    container: workContainer(first),
  });
}

/** The container in which the data of an instance is made, with these networks besides its own. */
export function workContainer(first: Instance, networks: readonly string[] = []) {
  const swarm = first.node.orchestratorOpts?.swarm;
  return {
    imageId: imageOf(first),
    postgresMajor: majorOf(first),
    volumes: (swarm?.extra_volumes ?? []).map((v) => ({ hostPath: v.host_path, destinationPath: v.destination_path })),
    networks: [...networks, ...(swarm?.extra_networks ?? []).map((n) => n.id)],
  };
}
