import { DomainError } from '@windlass/resources/errors';
import { instanceId, type StoredSpec } from '@windlass/resources/spec';
import { databaseRecords, databaseSpecs } from '@windlass/resources/records';
import { keys, type DatabaseRecord, type KvWrite, type TaskRecord } from '@windlass/resources/store';
import { accept, openTask, ownedBy, type TaskInputs } from '@windlass/resources/tasks';
import type { ServerDeps } from '../deps.ts';
import type { Claim } from './idempotency.ts';
import type { PreparedSpec } from './prepare-spec.ts';
import type { StoredDatabase } from './read-database.ts';
import { startNow } from './start-now.ts';

export interface Accepted {
  readonly task: TaskRecord;
  readonly record: DatabaseRecord;
  readonly stored: StoredSpec;
  /** Of the spec; 0 until it is written. */
  readonly revision: number;
}

/** What else belongs into the accepting transaction. */
export type Also = (accepted: Accepted) => Claim;

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
  const { id, tenantId } = before.record;
  const now = deps.now();
  const { task, entry } = openTask({ ...change, entity: { kind: 'database', id }, tenantId }, now);
  const record = ownedBy(task, {
    ...before.record,
    state: 'modifying',
    updatedAt: now.toISOString(),
    stoppedInstances: stillStopped(before.record, prepared.stored),
  });
  const accepted = { task, record, stored: prepared.stored, revision: 0 };
  const holder = { records: databaseRecords, revision: before.recordRevision, becomes: record };
  const spec = specOf(id, before.specRevision, prepared);
  const revision = await accept(deps.kv, { task, entry, holder, also: [spec, also(accepted)] });
  if (revision === false) throw new DomainError('database_not_modifiable');
  await startNow(deps, entry);
  return { ...accepted, revision };
}

/** An instance that goes, and is wanted again later, is not to be stopped then. */
function stillStopped({ id, stoppedInstances = [] }: DatabaseRecord, { spec }: StoredSpec): string[] | undefined {
  const wanted = spec.nodes.flatMap((node) => node.host_ids.map((host) => instanceId(id, node.name, host)));
  const left = stoppedInstances.filter((one) => wanted.includes(one));
  return left.length > 0 ? left : undefined;
}

/** A spec with its secrets, in the place of the one at `revision`. */
export const specOf = (id: string, revision: number, { stored, secrets }: PreparedSpec): Claim => ({
  expect: [{ key: databaseSpecs.key(id), revision }],
  writes: [
    databaseSpecs.put(stored, id),
    ...secrets.map((s): KvWrite => ({ put: keys.secret(s.name), value: s.sealed })),
  ],
});
