import { leftOn, type EntityRecord } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import type { EntityRef } from '@windlass/resources/plan';
import { taskLogEntries, taskRecords } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import type { EntityStore } from './entity-store.ts';

/** What an earlier entity of the same name left is no business of a new one: its tasks go, and its hosts have removed their part. */
export async function startAfresh<R extends EntityRecord>(
  deps: Pick<ServerDeps, 'kv'>,
  store: EntityStore<R>,
  id: string,
): Promise<void> {
  const entity = { kind: store.kind, id };
  await refuseLeftovers(deps, entity);
  await forgetOldTasks(deps, store, entity);
}

/** A host that was away when it was deleted has to remove its part first, or it would remove that of the new one. */
async function refuseLeftovers({ kv }: Pick<ServerDeps, 'kv'>, entity: EntityRef): Promise<void> {
  const hosts = await leftOn(kv, entity);
  if (hosts.length === 0) return;
  const names = hosts.map((host) => `'${host}'`).join(', ');
  throw new DomainError(
    'invalid_input',
    `id: host ${names} has not yet removed the deleted ${entity.kind} '${entity.id}'; wait until it answers, or use another id`,
  );
}

/** Never those of one that is there. */
async function forgetOldTasks<R extends EntityRecord>(
  { kv }: Pick<ServerDeps, 'kv'>,
  { records, refusals }: EntityStore<R>,
  { kind, id }: EntityRef,
): Promise<void> {
  if ((await kv.list(taskRecords.under(kind, id), { limit: 1 })).length === 0) return;
  const absent = [{ key: records.key(id), revision: 0 }];
  const done = await kv.commit(absent, [taskRecords.removeUnder(kind, id), taskLogEntries.removeUnder(kind, id)]);
  if (done === false) throw new DomainError(refusals.exists);
}
