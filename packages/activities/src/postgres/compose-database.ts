import { compose, type ComposeContext } from '@windlass/resources/postgres/compose';
import type { Desired, EntityRef } from '@windlass/resources/engine';
import { databaseRecords, databaseSpecs, proposals } from '@windlass/resources/postgres/records';
import { hostRecords, type HostRecord } from '@windlass/resources/platform/records';
import { presentNow, type StoredSpec } from '@windlass/resources/postgres/spec';
import type { Kv } from '@windlass/resources/store';
import { readDeclared } from '../core/declared-at.ts';
import type { Wanted, WorkDeps } from '../core/entity-work.ts';
import { IMAGE_OF_INSTANCE, specsAmong } from './stored-specs.ts';

/** Every resource a database needs at this spec, as the world is now: the hosts, what its instances run, which are stopped. */
export async function composeDatabase(
  { kv }: Pick<WorkDeps, 'kv'>,
  entity: EntityRef,
  { declared, current, image }: Wanted,
): Promise<readonly Desired[]> {
  const [declaredNow, record] = await Promise.all([
    readDeclared(kv, { specs: databaseSpecs, proposals }, entity.id, declared),
    databaseRecords.get(kv, entity.id),
  ]);
  const stored = presentNow(declaredNow);
  return compose(stored, {
    databaseId: entity.id,
    tenantId: record?.value.tenantId,
    hosts: await hostsOf(kv, stored),
    ...containersOf(current),
    stopped: record?.value.stoppedInstances,
    upgradeTo: image,
  });
}

/** Only those it names: another one that cannot be read is no matter of this database. */
async function hostsOf(kv: Kv, { spec }: StoredSpec): Promise<HostRecord[]> {
  const ids = new Set(spec.nodes.flatMap((node) => node.host_ids));
  const found = await Promise.all([...ids].map((id) => hostRecords.get(kv, id)));
  return found.flatMap((host) => (host ? [host.value] : []));
}

/** What each instance's service was made with. */
function containersOf(current: Wanted['current']): Required<Pick<ComposeContext, 'currentImages' | 'unhardened'>> {
  const specs = specsAmong(current, IMAGE_OF_INSTANCE);
  return {
    currentImages: new Map(specs.map((spec) => [spec.instanceId, spec.imageId])),
    unhardened: new Set(specs.flatMap((spec) => (spec.hardening ? [] : [spec.instanceId]))),
  };
}
