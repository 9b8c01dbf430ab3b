import { DomainError } from '@windlass/resources/errors';
import { databaseRecords, databaseSpecs, type DatabaseRecord } from '@windlass/resources/postgres/records';
import { hostRecords, removalRecords, type RemovalRecord } from '@windlass/resources/platform/records';
import {
  acceptanceOf,
  acceptTogether,
  openTask,
  ownedBy,
  type OpenedTask,
  type TaskInputs,
  type TaskRecord,
} from '@windlass/resources/tasks';
import { refuseBusy } from '../postgres/busy.ts';
import { startNow } from '../entities/start-now.ts';
import type { ServerDeps } from '../core/deps.ts';
import { databasesOn, type DatabaseOnHost } from './databases-on.ts';
import { isGone } from './is-gone.ts';
import { withoutHost } from './without-host.ts';

export interface AcceptedRemoval {
  readonly task: TaskRecord;
  readonly updates: readonly TaskRecord[];
}

/** etcd takes 128 writes in a transaction; a database needs four. */
const DATABASES_AT_ONCE = 25;

/** Accepts the removal of a host: every database on it is declared without it and updated; nothing is written when one cannot be. */
export async function acceptRemoval(deps: ServerDeps, hostId: string, force: boolean): Promise<AcceptedRemoval> {
  await refuseUnremovable(deps, hostId);
  const databases = await databasesOn(deps.kv, hostId);
  refuse(databases, hostId, force);
  const hosts = (await isGone(deps, hostId)) ? { goneHosts: [hostId] } : { leavingHosts: [hostId] };
  const entity = { kind: 'host', id: hostId } as const;
  const removal = openTask({ entity, type: 'remove_host', input: {} }, deps.now());
  const updates = databases.map((database) => openUpdate(database, hosts, removal.task, deps.now()));
  await commit(deps, removal, updates);
  await Promise.all([...updates, removal].map(({ entry }) => startNow(deps, entry)));
  return { task: removal.task, updates: updates.map(({ task }) => task) };
}

async function refuseUnremovable(deps: ServerDeps, hostId: string): Promise<void> {
  if (hostId === deps.hostId) throw new DomainError('invalid_input', 'a host cannot remove itself from the cluster');
  const [host, removal] = await Promise.all([hostRecords.get(deps.kv, hostId), removalRecords.get(deps.kv, hostId)]);
  if (!host) throw new DomainError('not_found', 'no host found with the given ID');
  if (removal) throw new DomainError('operation_already_in_progress');
}

function refuse(databases: readonly DatabaseOnHost[], hostId: string, force: boolean): void {
  if (!force && databases.some((database) => database.hasInstance))
    throw new DomainError('invalid_input', 'cannot remove host with running instances');
  for (const { record } of databases) refuseBusy(record);
  const stranded = databases.filter(({ stored }) => withoutHost(stored.spec, hostId).nodes.length === 0);
  if (stranded.length === 0) return;
  const names = stranded.map(({ record }) => `'${record.id}'`).join(', ');
  throw new DomainError('invalid_input', `host '${hostId}' is the only one of database ${names}: delete it, or give it another host, first`); // prettier-ignore
}

interface OpenedUpdate extends OpenedTask<'update'> {
  readonly database: DatabaseOnHost;
  readonly becomes: DatabaseRecord;
}

function openUpdate(
  database: DatabaseOnHost,
  hosts: TaskInputs['update'],
  { taskId: parentId }: TaskRecord,
  now: Date,
): OpenedUpdate {
  const { record, instanceIds } = database;
  const { id, tenantId } = record;
  const opened = openTask({ entity: { kind: 'database', id }, type: 'update', input: hosts, tenantId, parentId }, now);
  const stopped = record.stoppedInstances?.filter((instance) => !instanceIds.includes(instance));
  const becomes = ownedBy<DatabaseRecord>(opened.task, {
    ...record,
    state: 'modifying',
    updatedAt: now.toISOString(),
    stoppedInstances: stopped && stopped.length > 0 ? stopped : undefined,
  });
  return { ...opened, database, becomes };
}

function updateOf({ task, entry, database, becomes }: OpenedUpdate, hostId: string) {
  const { record, recordRevision, stored, specRevision } = database;
  const spec = {
    expect: [{ key: databaseSpecs.key(record.id), revision: specRevision }],
    writes: [databaseSpecs.put({ ...stored, spec: withoutHost(stored.spec, hostId) }, record.id)],
  };
  const holder = { records: databaseRecords, revision: recordRevision, becomes };
  return acceptanceOf({ task, entry, holder, also: [spec], doing: undefined });
}

/** One transaction; with very many databases several, of which the last makes the removal. */
async function commit(
  { kv }: ServerDeps,
  { task, entry }: OpenedTask<'remove_host'>,
  updates: readonly OpenedUpdate[],
): Promise<void> {
  const { entityId: hostId, taskId } = task;
  const removal: RemovalRecord = {
    hostId,
    taskId,
    updates: updates.map(({ task: { entityId, taskId: update } }) => ({ databaseId: entityId, taskId: update })),
  };
  const unowned = { expect: [{ key: removalRecords.key(hostId), revision: 0 }], writes: [] };
  const holder = { records: removalRecords, revision: 0, becomes: removal };
  const last = acceptanceOf({ task, entry, holder, doing: undefined });
  for (let begin = 0; begin === 0 || begin < updates.length; begin += DATABASES_AT_ONCE) {
    const some = updates.slice(begin, begin + DATABASES_AT_ONCE).map((one) => updateOf(one, hostId));
    const isLast = begin + DATABASES_AT_ONCE >= updates.length;
    if ((await acceptTogether(kv, [...some, isLast ? last : unowned])) === false)
      throw new DomainError('database_not_modifiable');
  }
}
