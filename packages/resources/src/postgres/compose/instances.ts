import { DomainError } from '../../errors/index.ts';
import { scopeOf } from '../inside/with-primary.ts';
import {
  effectiveNode,
  instanceId,
  networkName,
  serviceName,
  type EffectiveNode,
  type StoredSpec,
} from '../spec/index.ts';
import { isImage } from '../spec/upgrade.ts';
import type { HostRecord } from '../../platform/records/host-records.ts';

export type StoredDatabase = StoredSpec;

export interface ComposeContext {
  readonly databaseId: string;
  readonly tenantId?: string | undefined;
  /** Every host of the cluster, as its worker reports it. */
  readonly hosts: readonly HostRecord[];
  /** Ids of the instances that are to stay stopped. */
  readonly stopped?: readonly string[] | undefined;
  /** Image id each instance runs now, by instance id: an instance keeps it as long as it is of the version asked for. */
  readonly currentImages?: ReadonlyMap<string, string>;
  /** Instances whose containers were made before there was hardening: they keep them as long as they keep their image. */
  readonly unhardened?: ReadonlySet<string>;
  /** Id or name of the image that instances of its version are to run from now on. */
  readonly upgradeTo?: string | undefined;
}

/** One Postgres process: a node on a host. */
export interface Instance {
  readonly instanceId: string;
  /** Name of its Swarm service and hostname of its container. */
  readonly serviceName: string;
  /** Patroni's name for the node: `<database>:<node>`. */
  readonly scope: string;
  readonly networkName: string;
  readonly node: EffectiveNode;
  readonly host: HostRecord;
  /** It is to stay stopped. */
  readonly stopped: boolean;
  readonly currentImage?: string | undefined;
  /** Its container was made before there was hardening. */
  readonly unhardened: boolean;
  readonly upgradeTo?: string | undefined;
}

/** The instances a database should have, in the order of the spec. Throws `not_found` for a host nobody knows. */
export function listInstances(stored: StoredDatabase, ctx: ComposeContext): Instance[] {
  return stored.spec.nodes.flatMap(({ name }) => {
    const node = effectiveNode(stored.spec, name);
    return node.hostIds.map((hostId) => toInstance(node, hostId, ctx));
  });
}

function toInstance(
  node: EffectiveNode,
  hostId: string,
  { databaseId, hosts, currentImages, unhardened, upgradeTo, stopped = [] }: ComposeContext,
): Instance {
  const host = hosts.find((one) => one.id === hostId);
  if (!host) throw new DomainError('not_found', `the cluster has no host '${hostId}'`);
  const id = instanceId(databaseId, node.name, hostId);
  return {
    instanceId: id,
    serviceName: serviceName(id),
    scope: scopeOf(databaseId, node.name),
    networkName: networkName(databaseId),
    node,
    host,
    stopped: stopped.includes(id),
    currentImage: currentImages?.get(id),
    unhardened: unhardened?.has(id) ?? false,
    upgradeTo,
  };
}

/** The image asked for, else the one it runs, else the host's newest of the node's Postgres version; by id where there is one. */
export function imageOf({ node, host, currentImage, upgradeTo }: Instance): string {
  const asked = node.orchestratorOpts?.swarm?.image;
  if (asked) return asked;
  const fitting = host.images.filter((image) => image.postgresVersion === node.postgresVersion);
  const asks = fitting.find((image) => upgradeTo !== undefined && isImage(image, upgradeTo));
  const found = asks ?? fitting.find((image) => image.id === currentImage) ?? fitting[0];
  if (found) return found.id;
  const known = [...new Set(host.images.map((image) => image.postgresVersion))].join(', ') || 'none';
  throw new DomainError(
    'image_not_found',
    `host '${host.id}' has no image for Postgres '${node.postgresVersion ?? ''}' (it has: ${known})`,
  );
}

/** Major version, for the paths of Postgres' programs. */
export const majorOf = ({ node }: Instance): number => Number.parseInt(node.postgresVersion ?? '17', 10);
