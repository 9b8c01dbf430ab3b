import { DomainError } from '@windlass/resources/errors';
import { serviceName } from '@windlass/resources/postgres/spec';
import type { Kv } from '@windlass/resources/store';
import { CONTAINER, MAJOR, specOf } from './stored-specs.ts';

/** What a container beside that of an instance must have to work with its data and reach its repositories: what the instance has. */
export async function containerOf(kv: Kv, databaseId: string, instanceId: string) {
  const [service, patroni] = await Promise.all([
    specOf(kv, databaseId, CONTAINER, serviceName(instanceId)),
    specOf(kv, databaseId, MAJOR, instanceId),
  ]);
  if (!service || !patroni) throw new DomainError('not_found', `instance '${instanceId}' is gone`);
  return {
    imageId: service.imageId,
    postgresMajor: patroni.postgresMajor,
    volumes: [...service.extraVolumes],
    networks: service.extraNetworks.map((n) => n.id),
  };
}
