import { definitionOf } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import type { EntityRef } from '@windlass/resources/plan';
import type { Kv } from '@windlass/resources/store';
import { taskRecords, type TaskRecord } from '@windlass/resources/tasks';
import { isReached, type Reach } from './door/reach.ts';

type Store = Pick<Kv, 'get' | 'list'>;

/** Whose an entity is; undefined: nobody's, or there is none. One that is gone is its tenant's as long as tasks of it are kept. */
export async function tenantOf(kv: Store, { kind, id }: EntityRef): Promise<string | undefined> {
  const { tenant } = definitionOf(kind);
  if (!tenant) return undefined;
  const found = await kv.get(tenant.key(id));
  if (found) return tenant.of(found.value);
  const [last] = await taskRecords.list(kv, [kind, id], { order: 'desc', limit: 1, unreadable: () => undefined });
  return last?.value.tenantId;
}

/** Who does not reach an entity learns as much of it as of one that is not there: `not_found`. */
export async function refuseUnreached(kv: Store, reach: Reach, entity: EntityRef): Promise<void> {
  if (reach === 'all' || isReached(reach, await tenantOf(kv, entity))) return;
  throw new DomainError('not_found', `${entity.kind} not found`);
}

/** Those of entities that are reached. */
export async function reachedTasks(
  kv: Store,
  reach: Reach,
  tasks: readonly TaskRecord[],
): Promise<readonly TaskRecord[]> {
  if (reach === 'all') return tasks;
  const tenants = new Map<string, Promise<string | undefined>>();
  const tenantOfTask = ({ scope, entityId, tenantId }: TaskRecord): Promise<string | undefined> => {
    const key = `${scope}/${entityId}`;
    const asked = tenants.get(key) ?? (tenantId === undefined ? tenantOf(kv, { kind: scope, id: entityId }) : Promise.resolve(tenantId)); // prettier-ignore
    tenants.set(key, asked);
    return asked;
  };
  const reached = await Promise.all(tasks.map(async (task) => isReached(reach, await tenantOfTask(task))));
  return tasks.filter((_task, at) => reached[at]);
}
