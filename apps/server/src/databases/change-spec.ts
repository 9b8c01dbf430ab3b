import { DomainError } from '@windlass/resources/errors';
import { instanceId, type StoredSpec } from '@windlass/resources/spec';
import { keys, type DatabaseRecord, type KvWrite, type TaskRecord } from '@windlass/resources/store';
import type { ServerDeps } from '../deps.ts';
import { newTask } from '../tasks/open-task.ts';
import type { OperationFacts } from '../tasks/workflow-start.ts';
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

export interface SpecChange extends Pick<OperationFacts, 'image'> {
  readonly type: 'update' | 'upgrade';
  readonly force?: boolean;
  /** The task it takes over from. */
  readonly supersedes?: string;
  /** Hosts that are taken as gone meanwhile. */
  readonly goneHosts?: readonly string[] | undefined;
}

/** Accepts another spec: one transaction that expects the database as it was checked. Then the workflow is started. */
export async function changeSpec(
  deps: ServerDeps,
  before: StoredDatabase,
  prepared: PreparedSpec,
  change: SpecChange,
  also: Also,
): Promise<Accepted> {
  const { id, tenantId } = before.record;
  const now = deps.now();
  const { task, writes, entry } = newTask({ ...change, databaseId: id, tenantId }, now);
  const record: DatabaseRecord = {
    ...before.record,
    state: 'modifying',
    updatedAt: now.toISOString(),
    openTaskId: task.taskId,
    stoppedInstances: stillStopped(before.record, prepared.stored),
  };
  const accepted = { task, record, stored: prepared.stored, revision: 0 };
  const claim = also(accepted);
  const expect = [
    { key: keys.database(id), revision: before.recordRevision },
    { key: keys.spec(id), revision: before.specRevision },
  ];
  const revision = await deps.kv.commit(
    [...expect, ...claim.expect],
    [{ put: keys.database(id), value: record }, ...specWrites(id, prepared), ...writes, ...claim.writes],
  );
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

export function specWrites(id: string, { stored, secrets }: PreparedSpec): KvWrite[] {
  return [
    { put: keys.spec(id), value: stored },
    ...secrets.map((s) => ({ put: keys.secret(s.name), value: s.sealed })),
  ];
}
