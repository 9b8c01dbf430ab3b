import type { Desired } from '../engine/resource.ts';
import { DomainError } from '../errors/index.ts';
import { certificates } from '../kinds/certificates.ts';
import { database } from '../kinds/database.ts';
import { directories } from '../kinds/directories.ts';
import { etcdAccess } from '../kinds/etcd-access.ts';
import { extensions } from '../kinds/extensions.ts';
import { hostPort } from '../kinds/host-port.ts';
import { instance } from '../kinds/instance.ts';
import { network } from '../kinds/network.ts';
import { patroniCluster } from '../kinds/patroni-cluster.ts';
import { patroniConfig } from '../kinds/patroni-config.ts';
import { roles } from '../kinds/roles.ts';
import { script } from '../kinds/script.ts';
import { service } from '../kinds/service.ts';
import { settings } from '../kinds/settings.ts';
import { effectiveNode, instanceId, type DatabaseSpec, type EffectiveNode, type StoredSpec } from '../spec/index.ts';
import type { HostRecord } from '../store/ports.ts';
import { hbaLines, identLines } from './host-based-access.ts';
import { parametersOf } from './parameters.ts';

export type StoredDatabase = StoredSpec;

export interface ComposeContext {
  readonly databaseId: string;
  readonly tenantId?: string | undefined;
  readonly hosts: readonly HostRecord[];
}

/** Extensions every application database has. */
const EXTENSIONS = ['pg_stat_statements'];

/** Every resource a database needs; the only place that knows which. Pure. */
export function compose(stored: StoredDatabase, context: ComposeContext): Desired[] {
  const { spec } = stored;
  const shared = network.want({ name: networkName(context.databaseId) });
  return [shared, ...spec.nodes.flatMap((node) => composeNode(stored, effectiveNode(spec, node.name), context))];
}

const networkName = (databaseId: string): string => `windlass-${databaseId}`;

/** What all resources of one instance are made of. */
interface Place {
  readonly instanceId: string;
  readonly nodeName: string;
  readonly hostId: string;
  readonly serviceName: string;
  readonly scope: string;
}

function composeNode(stored: StoredDatabase, node: EffectiveNode, context: ComposeContext): Desired[] {
  const hostId = node.hostIds[0];
  if (hostId === undefined) throw new DomainError('invalid_input', `node '${node.name}' has no host`);
  const id = instanceId(context.databaseId, node.name, hostId);
  const place = { instanceId: id, nodeName: node.name, hostId, serviceName: `postgres-${id}`, scope: `${context.databaseId}:${node.name}` };
  return [...composeInstance(node, place, context), ...composeInside(stored, place)];
}

function composeInstance(node: EffectiveNode, place: Place, context: ComposeContext): Desired[] {
  const { instanceId: id, hostId, scope, serviceName } = place;
  const host = context.hosts.find((h) => h.id === hostId);
  const names = [serviceName, 'localhost', '127.0.0.1', ...(host?.clientAddresses ?? [])];
  const conf = {
    parameters: parametersOf(node, host),
    pgHba: hbaLines(node.pgHbaConf),
    pgIdent: identLines(node.pgIdentConf),
  };
  return [
    ...(node.port === undefined ? [] : [hostPort.want({ instanceId: id, hostId, port: node.port })]),
    directories.want({ instanceId: id, hostId }),
    etcdAccess.want({ instanceId: id, scope }),
    certificates.want({ instanceId: id, hostId, names: [...new Set(names)].sort() }),
    patroniConfig.want({ instanceId: id, hostId, scope, hostname: serviceName, postgresMajor: majorOf(node) }),
    patroniCluster.want({ scope, ...conf }),
    composeService(node, place, host, context),
    instance.want({ instanceId: id, nodeName: place.nodeName, hostId, serviceName, scope }),
    settings.want({ instanceId: id, hostId, serviceName, scope, ...conf }),
  ];
}

const majorOf = (node: EffectiveNode): number => Number(node.postgresVersion?.split('.')[0]);

function composeService(node: EffectiveNode, place: Place, host: HostRecord | undefined, context: ComposeContext): Desired {
  const swarm = node.orchestratorOpts?.swarm;
  return service.want({
    name: place.serviceName,
    instanceId: place.instanceId,
    nodeName: place.nodeName,
    hostId: place.hostId,
    scope: place.scope,
    networkName: networkName(context.databaseId),
    imageId: swarm?.image ? swarm.image : imageFor(node, host),
    published: node.port !== undefined,
    ...(node.cpus > 0 && { nanoCpus: Math.round(node.cpus * 1e9) }),
    ...(node.memoryBytes > 0 && { memoryBytes: node.memoryBytes }),
    extraVolumes: (swarm?.extra_volumes ?? []).map((v) => ({ hostPath: v.host_path, destinationPath: v.destination_path })),
    extraNetworks: (swarm?.extra_networks ?? []).map((n) => ({ id: n.id, aliases: n.aliases ?? [], driverOpts: n.driver_opts ?? {} })),
    extraLabels: swarm?.extra_labels ?? {},
  });
}

function imageFor(node: EffectiveNode, host: HostRecord | undefined): string {
  const found = host?.images.find((image) => image.postgresVersion === node.postgresVersion);
  if (found) return found.id;
  throw new DomainError('image_not_found', `host '${node.hostIds[0] ?? ''}' has no image for Postgres ${node.postgresVersion ?? ''}`);
}

/** What lives inside Postgres: roles, then the database, then what is in it. */
function composeInside({ spec, passwordVersions }: StoredDatabase, place: Place): Desired[] {
  const { instanceId: id, nodeName, hostId, serviceName } = place;
  const base = { nodeName, instanceId: id, hostId, serviceName, databaseName: spec.database_name };
  const users = spec.database_users ?? [];
  const owner = users.find((u) => u.db_owner)?.username;
  const wantedRoles = users.map((u) => ({
    name: u.username,
    ...(passwordVersions[u.username] !== undefined && { passwordVersion: passwordVersions[u.username] }),
    owner: u.db_owner ?? false,
    attributes: (u.attributes ?? []).map((a) => a.toUpperCase()).sort(),
    memberOf: [...(u.roles ?? [])].sort(),
  }));
  return [
    ...scriptOf(spec, 'post_init', { ...base, databaseName: 'postgres' }, []),
    roles.want({ ...base, roles: wantedRoles }),
    database.want({ ...base, ...(owner !== undefined && { owner }) }),
    extensions.want({ ...base, names: EXTENSIONS }),
    ...scriptOf(spec, 'post_database_create', base, [extensions.ref(`${nodeName}:${spec.database_name}`)]),
  ];
}

type ScriptName = 'post_init' | 'post_database_create';

function scriptOf(
  spec: DatabaseSpec,
  name: ScriptName,
  base: Omit<Place, 'scope'> & { readonly databaseName: string },
  after: readonly { readonly kind: string; readonly id: string }[],
): Desired[] {
  const statements = spec.scripts?.[name] ?? [];
  return statements.length === 0 ? [] : [script.want({ ...base, name, statements, after: [...after] })];
}
