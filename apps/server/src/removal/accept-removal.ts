import { DomainError } from '@windlass/resources/errors';
import {
  keys,
  type DatabaseRecord,
  type KvWrite,
  type RemovalRecord,
  type TaskRecord,
} from '@windlass/resources/store';
import { makeTask } from '@windlass/resources/tasks';
import { refuseBusy } from '../databases/busy.ts';
import type { ServerDeps } from '../deps.ts';
import { newTask, startTask } from '../tasks/open-task.ts';
import type { OutboxEntry } from '../tasks/workflow-start.ts';
import { databasesOn, type DatabaseOnHost } from './databases-on.ts';
import { isGone } from './is-gone.ts';
import { startRemoval } from './start-removal.ts';
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
  const task = removalTask(hostId, deps.now());
  const opened = databases.map((database) => open(database, hosts, task, deps.now()));
  await commit(deps, task, opened);
  await Promise.all(opened.map(({ entry }) => startTask(deps, entry).catch(() => undefined)));
  await startRemoval(deps, task).catch(() => undefined);
  return { task, updates: opened.map((one) => one.task) };
}

async function refuseUnremovable(deps: ServerDeps, hostId: string): Promise<void> {
  if (hostId === deps.hostId) throw new DomainError('invalid_input', 'a host cannot remove itself from the cluster');
  const [host, removal] = await Promise.all([deps.kv.get(keys.host(hostId)), deps.kv.get(keys.removal(hostId))]);
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

const removalTask = (hostId: string, now: Date): TaskRecord =>
  makeTask({ scope: 'host', entityId: hostId, hostId, type: 'remove_host', workflowId: `host/${hostId}` }, now);

interface Opened {
  readonly task: TaskRecord;
  readonly entry: OutboxEntry;
  readonly expect: readonly { readonly key: string; readonly revision: number }[];
  readonly writes: readonly KvWrite[];
}

type RemovedHosts = Pick<OutboxEntry, 'goneHosts' | 'leavingHosts'>;

function open(database: DatabaseOnHost, hosts: RemovedHosts, parent: TaskRecord, now: Date): Opened {
  const { record, recordRevision, stored, specRevision, instanceIds } = database;
  const { id, tenantId } = record;
  const { task, writes, entry } = newTask(
    { databaseId: id, type: 'update', tenantId, parentId: parent.taskId, ...hosts },
    now,
  );
  const stopped = record.stoppedInstances?.filter((instance) => !instanceIds.includes(instance));
  const modifying: DatabaseRecord = {
    ...record,
    state: 'modifying',
    updatedAt: now.toISOString(),
    openTaskId: task.taskId,
    stoppedInstances: stopped && stopped.length > 0 ? stopped : undefined,
  };
  return {
    task,
    entry,
    expect: [
      { key: keys.database(id), revision: recordRevision },
      { key: keys.spec(id), revision: specRevision },
    ],
    writes: [
      { put: keys.database(id), value: modifying },
      { put: keys.spec(id), value: { ...stored, spec: withoutHost(stored.spec, parent.entityId) } },
      ...writes,
    ],
  };
}

/** One transaction; with very many databases several, of which the last makes the removal. */
async function commit({ kv }: ServerDeps, task: TaskRecord, opened: readonly Opened[]): Promise<void> {
  const updates = opened.map(({ task: t }) => ({ databaseId: t.entityId, taskId: t.taskId }));
  const removal: RemovalRecord = { hostId: task.entityId, taskId: task.taskId, updates };
  const removalKey = keys.removal(task.entityId);
  for (let begin = 0; begin === 0 || begin < opened.length; begin += DATABASES_AT_ONCE) {
    const some = opened.slice(begin, begin + DATABASES_AT_ONCE);
    const last = begin + DATABASES_AT_ONCE >= opened.length;
    const done = await kv.commit(
      [{ key: removalKey, revision: 0 }, ...some.flatMap((one) => one.expect)],
      [
        ...some.flatMap((one) => one.writes),
        ...(last
          ? [
              { put: keys.task('host', task.entityId, task.taskId), value: task },
              { put: removalKey, value: removal },
            ]
          : []),
      ],
    );
    if (done === false) throw new DomainError('database_not_modifiable');
  }
}
