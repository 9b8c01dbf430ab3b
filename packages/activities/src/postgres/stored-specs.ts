import { partOf, refKey, resourceRecords } from '@windlass/resources/engine';
import { databaseEntity } from '@windlass/resources/entity';
import {
  instance,
  patroniConfig,
  pgbackrestConfig,
  pgbackrestStanza,
  replicationCopy,
  replicationService,
  roles,
  service,
} from '@windlass/resources/postgres/kinds';
import type { Kv } from '@windlass/resources/store';
import type { ResourceRecord } from '@windlass/resources/records';

/** A kind with what is read of its stored specs: no more, so that those of earlier versions can be read as well. */
interface Reading<T> {
  readonly kind: string;
  readonly parse: (spec: unknown) => T;
}

const reading = <T>(kind: string, shape: { parse(spec: unknown): T }): Reading<T> => ({
  kind,
  parse: (spec) => shape.parse(spec),
});

const { spec: ofInstance } = instance;
const { spec: ofService } = service;
export const INSTANCE = reading(
  instance.kind,
  ofInstance.pick({ instanceId: true, nodeName: true, hostId: true }).loose(),
);
export const NODE_OF_INSTANCE = reading(instance.kind, ofInstance.pick({ nodeName: true }).loose());
export const NODE_OF_STANZA = reading(pgbackrestStanza.kind, pgbackrestStanza.spec.pick({ nodeName: true }).loose());
export const IMAGE_OF_INSTANCE = reading(
  service.kind,
  ofService.pick({ instanceId: true, imageId: true, hardening: true }).loose(),
);
export const NODE_OF_COPY = reading(replicationCopy.kind, replicationCopy.spec.pick({ nodeName: true }).loose());
export const CONTAINER = reading(
  service.kind,
  ofService.pick({ imageId: true, extraVolumes: true, extraNetworks: true }).loose(),
);
/** What the replicator beside an instance knows of all nodes. */
export const REPLICATOR = reading(
  replicationService.kind,
  replicationService.spec
    .pick({
      imageId: true,
      networkName: true,
      databaseName: true,
      number: true,
      nodeName: true,
      own: true,
      peers: true,
    })
    .loose(),
);
export const MAJOR = reading(patroniConfig.kind, patroniConfig.spec.pick({ postgresMajor: true }).loose());
export const ROLES = reading(roles.kind, roles.spec.pick({ databaseName: true, opensLater: true }).loose());
export const REPOSITORIES = reading(pgbackrestConfig.kind, pgbackrestConfig.spec.pick({ repositories: true }).loose());

/** The specs of one kind among resources. */
export const specsAmong = <T>(
  resources: readonly Pick<ResourceRecord, 'ref' | 'spec'>[],
  { kind, parse }: Reading<T>,
): T[] => resources.flatMap(({ ref, spec }) => (ref.kind === kind ? [parse(spec)] : []));

/** What is stored of a resource of a database. */
export async function resourceOf(
  kv: Kv,
  databaseId: string,
  ref: ResourceRecord['ref'],
): Promise<ResourceRecord | undefined> {
  return (await resourceRecords.get(kv, partOf(databaseEntity(databaseId)), refKey(ref)))?.value;
}

/** The spec of a resource of a database as it was applied last. */
export async function specOf<T>(
  kv: Kv,
  databaseId: string,
  { kind, parse }: Reading<T>,
  id: string,
): Promise<T | undefined> {
  const record = await resourceOf(kv, databaseId, { kind, id });
  return record && parse(record.spec);
}
