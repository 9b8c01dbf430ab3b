import { instanceId, type StoredSpec } from '@windlass/resources/postgres/spec';
import { openTask, type TaskInputs } from '@windlass/resources/tasks';
import type { ServerDeps } from '../core/deps.ts';
import { acceptChange, type Accepted as AcceptedSpec, type Also as AlsoSpec } from '../entities/accept-spec.ts';
import { databaseStore } from './database-store.ts';
import type { PreparedSpec } from './prepare-spec.ts';
import type { StoredDatabase } from './read-database.ts';
import type { DatabaseRecord } from '@windlass/resources/postgres/records';

export type Accepted = AcceptedSpec<DatabaseRecord, StoredSpec>;
/** What else belongs into the accepting transaction. */
export type Also = AlsoSpec<DatabaseRecord, StoredSpec>;

/** What another spec is accepted as. */
export interface SpecChange<T extends 'update' | 'upgrade'> {
  readonly type: T;
  readonly input: TaskInputs[T];
  /** The task it takes over from. */
  readonly supersedes?: string | undefined;
}

/** Accepts another spec: one transaction that expects the database as it was checked. Then the workflow is started. */
export async function changeSpec<T extends 'update' | 'upgrade'>(
  deps: ServerDeps,
  before: StoredDatabase,
  prepared: PreparedSpec,
  change: SpecChange<T>,
  also: Also,
): Promise<Accepted> {
  const { tenantId } = before.record;
  const now = deps.now();
  const opened = openTask({ ...change, entity: before.entity, tenantId }, now);
  const record: DatabaseRecord = {
    ...before.record,
    state: 'modifying',
    updatedAt: now.toISOString(),
    stoppedInstances: stillStopped(before.record, prepared.stored),
  };
  const wish = { stored: prepared.stored, besides: prepared.secrets, record };
  return acceptChange(deps, databaseStore, before, opened, wish, also);
}

/** An instance that goes, and is wanted again later, is not to be stopped then. */
function stillStopped({ id, stoppedInstances = [] }: DatabaseRecord, { spec }: StoredSpec): string[] | undefined {
  const wanted = spec.nodes.flatMap((node) => node.host_ids.map((host) => instanceId(id, node.name, host)));
  const left = stoppedInstances.filter((one) => wanted.includes(one));
  return left.length > 0 ? left : undefined;
}
