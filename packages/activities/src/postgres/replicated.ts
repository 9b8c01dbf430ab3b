import { DomainError } from '@windlass/resources/errors';
import { scopeOf } from '@windlass/resources/postgres/inside';
import {
  compareNodes as compare,
  readConflicts as read,
  skipTransaction as skip,
  type CompareWish,
  type ConflictQuery,
} from '@windlass/resources/postgres/operations';
import { comparisons, comparisonWishes, databaseRecords } from '@windlass/resources/postgres/records';
import type { CompareResult } from '@windlass/resources/postgres/spec';
import type { Kv } from '@windlass/resources/store';
import { withHeartbeat } from '../core/current-run.ts';
import type { ActivityDeps } from '../core/deps.ts';
import { appendTaskLog, formatDuration } from '../core/task-log.ts';
import type { DatabaseTask } from './database-task.ts';
import { REPLICATOR, specOf } from './stored-specs.ts';

/** A node at its primary, on the host that does it. */
export interface AtReplicator {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly instanceId: string;
}

/** What the replicator beside the instance knows; rejects `operation_refused` where the node has no peers. */
async function replicatorOf(kv: Kv, { databaseId, nodeName, instanceId }: AtReplicator) {
  const found = await specOf(kv, databaseId, REPLICATOR, instanceId);
  if (found) return found;
  throw new DomainError('operation_refused', `node '${nodeName}' has no peers`);
}

/** Leaves out, for good, the transaction of a peer at which a node is stopped. */
export function skipTransaction({ kv, clients }: ActivityDeps) {
  return async function skipTransaction(
    input: DatabaseTask & AtReplicator & { readonly peer: string; readonly lsn: string },
  ): Promise<void> {
    const { databaseId, nodeName, taskId, lsn } = input;
    const { databaseName, peers } = await replicatorOf(kv, input);
    const peer = peers.find(({ name }) => name === input.peer);
    if (!peer) throw new DomainError('operation_refused', `'${input.peer}' is no peer of node '${nodeName}'`);
    const what = { ...input, scope: scopeOf(databaseId, nodeName), databaseName, peer, by: `task ${taskId}` };
    const tell = (note: string): Promise<void> => appendTaskLog(kv, input, `not done yet: ${note}`);
    await withHeartbeat((run) => skip(clients, what, run), tell);
    const message = `node '${nodeName}' leaves out the transaction of '${peer.name}' at ${lsn} for good; nodes may differ: compare them`;
    await appendTaskLog(kv, input, message, { node: nodeName, peer: peer.name, lsn });
  };
}

/** Compares all nodes from the host of the primary of one of them, and keeps what was found. */
export function compareNodes({ kv, clients }: ActivityDeps) {
  return async function compareNodes(
    input: DatabaseTask & AtReplicator & CompareWish & { readonly beganAt: string },
  ): Promise<void> {
    const begun = performance.now();
    const { databaseId, instanceId } = input;
    const { number, nodeName: name, own, peers, ...place } = await replicatorOf(kv, input);
    const nodes = [{ number, name, hosts: [own] }, ...peers];
    const tell = (note: string): Promise<void> => appendTaskLog(kv, input, `not done yet: ${note}`);
    const result = await withHeartbeat(
      (run) => compare(clients, { ...place, databaseId, instanceId, nodes }, input, run),
      tell,
    );
    await keep(kv, input, result);
    const took = formatDuration(performance.now() - begun);
    await appendTaskLog(kv, input, `${outcomeOf(result)} (took ${took})`, {
      ...{ equal: result.equal, tables: result.tables, rows: result.rows, differing: result.differences.length },
      ...(result.repaired !== undefined && { repaired: result.repaired }),
    });
  };
}

function outcomeOf({ equal, nodes, tables, rows, differingTables, repaired }: CompareResult): string {
  const what = `${nodes.join(', ')}: ${String(tables)} tables with ${String(rows)} rows`;
  const mended = repaired === undefined ? '' : `repaired ${String(repaired)} keys; `;
  return `${mended}compared ${what}: ${equal ? 'equal' : `different: ${differingTables.join(', ')}`}`;
}

/** A comparison of all tables answers the wish for one that was there when it began. */
async function keep(
  kv: Kv,
  { databaseId, taskId, beganAt, tables }: DatabaseTask & CompareWish & { readonly beganAt: string },
  result: CompareResult,
): Promise<void> {
  const [database, wish] = await Promise.all([
    databaseRecords.get(kv, databaseId),
    comparisonWishes.get(kv, databaseId),
  ]);
  if (!database) return;
  const only = tables && { only: tables };
  const value = { ...result, databaseId, taskId, beganAt, endedAt: new Date().toISOString(), ...only };
  const isAnswered = wish && !tables && wish.value.since <= beganAt;
  await kv.commit(
    [],
    [comparisons.put(value, databaseId), ...(isAnswered ? [comparisonWishes.remove(databaseId)] : [])],
  );
}

/** The conflicts of a node, sealed: they hold what users wrote, and whatever an activity answers is kept by Temporal. */
export function readConflicts({ kv, clients }: ActivityDeps) {
  return async function readConflicts(
    input: AtReplicator & { readonly query: ConflictQuery },
  ): Promise<{ readonly sealed: unknown }> {
    const { databaseId, nodeName, query } = input;
    const { databaseName } = await replicatorOf(kv, input);
    const place = { scope: scopeOf(databaseId, nodeName), databaseName };
    const found = await withHeartbeat(({ signal }) => read(clients, place, query, signal));
    return { sealed: await clients.secrets.seal(`database/${databaseId}/conflicts`, JSON.stringify(found)) };
  };
}
