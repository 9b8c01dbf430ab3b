import { databaseEntity, hostEntity } from '@windlass/resources/entity';
import { DomainError } from '@windlass/resources/errors';
import { drainRecords, removalRecords, type DrainRecord } from '@windlass/resources/platform/records';
import type { Claim } from '@windlass/resources/store';
import { acceptanceOf, acceptTogether, openTask, type OpenedTask, type TaskRecord } from '@windlass/resources/tasks';
import { readDrain, type Drain } from '../cluster/drains.ts';
import { readHost } from '../cluster/hosts.ts';
import type { ServerDeps } from '../core/deps.ts';
import { holderOf, NOTHING } from '../entities/accept.ts';
import { startNow } from '../entities/start-now.ts';
import { turnOf } from '../postgres/accept-takeover.ts';
import { databaseStore } from '../postgres/database-store.ts';
import { oneAtATime, runningTask } from '../postgres/one-at-a-time.ts';
import { planDrain, type DrainPlan, type PlannedMove } from './drain-plan.ts';

export interface AcceptedDrain {
  readonly task: TaskRecord;
  readonly switchovers: readonly TaskRecord[];
  readonly stays: DrainPlan['stays'];
}

/** etcd takes 128 writes in a transaction; a switchover needs four. */
const MOVES_AT_ONCE = 25;

/**
 * Accepts the drain of a host: from now on nothing new is placed on it, and every primary that can hands over to a replica
 * elsewhere, by a switchover that waits until its database is free. What a former drain left may be asked for again.
 */
export async function acceptDrain(deps: ServerDeps, hostId: string): Promise<AcceptedDrain> {
  const before = await refuseUndrainable(deps, hostId);
  const { moves, stays } = await planDrain(deps, hostId);
  const drain = openTask({ entity: hostEntity(hostId), type: 'drain_host', input: {} }, deps.now());
  const opened = moves.map((planned) => openSwitchover(planned, drain.task, deps.now()));
  const switchovers = await Promise.all(opened.map((one) => acceptanceFor(deps, one)));
  const record: DrainRecord = {
    hostId,
    taskId: drain.task.taskId,
    since: before?.record.since ?? deps.now().toISOString(),
    moves: opened.map(({ move, task: { taskId } }) => ({
      databaseId: move.database_id,
      nodeName: move.node_name,
      instanceId: move.instance_id,
      taskId,
    })),
  };
  const marked = {
    expect: [
      { key: drainRecords.key(hostId), revision: before?.revision ?? 0 },
      { key: removalRecords.key(hostId), revision: 0 },
    ],
    writes: [drainRecords.put(record, hostId)],
  };
  await commit(deps, switchovers, acceptanceOf({ ...drain, also: [marked], doing: deps.doing }));
  await Promise.all([...opened, drain].map(({ entry }) => startNow(deps, entry)));
  return { task: drain.task, switchovers: opened.map(({ task }) => task), stays };
}

/** Gives the drain before this one, which has ended. */
async function refuseUndrainable(deps: ServerDeps, hostId: string): Promise<Drain | undefined> {
  const [host, removal] = await Promise.all([readHost(deps.kv, hostId), removalRecords.get(deps.kv, hostId)]);
  if (!host) throw new DomainError('not_found', 'no host found with the given ID');
  if (removal) throw new DomainError('operation_already_in_progress', `host '${hostId}' is being removed`);
  return refuseDraining(deps, hostId);
}

/** `operation_already_in_progress` while its task goes on. Gives the drain, if there is one. */
export async function refuseDraining(deps: ServerDeps, hostId: string): Promise<Drain | undefined> {
  const drain = await readDrain(deps.kv, hostId);
  if (!drain || !(await runningTask(deps, hostEntity(hostId), drain.record.taskId))) return drain;
  throw new DomainError(
    'operation_already_in_progress',
    `host '${hostId}' is being drained: wait for task ${drain.record.taskId}, or cancel its switchovers`,
  );
}

interface OpenedMove extends PlannedMove, OpenedTask<'switchover'> {}

/** It waits for its turn, as one does that was planned for a time: several nodes of a database go one after the other. */
function openSwitchover(planned: PlannedMove, { taskId: parentId }: TaskRecord, now: Date): OpenedMove {
  const { move, database } = planned;
  const input = {
    nodeName: move.node_name,
    ...(move.to !== undefined && { candidate: move.to }),
    scheduledAt: now.toISOString(),
  };
  const { tenantId } = database.record;
  const entity = databaseEntity(move.database_id);
  return { ...planned, ...openTask({ entity, type: 'switchover', input, tenantId, parentId }, now) };
}

async function acceptanceFor(deps: ServerDeps, { move, database, task, entry }: OpenedMove): Promise<Claim> {
  const turn = await oneAtATime(deps, turnOf('switchover', { id: move.database_id, nodeName: move.node_name }), () => NOTHING); // prettier-ignore
  const holder = holderOf(databaseStore, database);
  return acceptanceOf({ task, entry, holder, also: [turn(task)], doing: deps.doing });
}

/** One transaction; with very many switchovers several, of which the last makes the drain. */
async function commit({ kv }: ServerDeps, moves: readonly Claim[], drain: Claim): Promise<void> {
  for (let begin = 0; begin === 0 || begin < moves.length; begin += MOVES_AT_ONCE) {
    const isLast = begin + MOVES_AT_ONCE >= moves.length;
    const some = [...moves.slice(begin, begin + MOVES_AT_ONCE), ...(isLast ? [drain] : [])];
    if ((await acceptTogether(kv, some)) === false)
      throw new DomainError('operation_already_in_progress', 'something changed meanwhile: try again');
  }
}
