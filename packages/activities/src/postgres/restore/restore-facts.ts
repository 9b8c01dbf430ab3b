import { DomainError } from '@windlass/resources/errors';
import type { RestoreAims, RestoreOrigin, RestorePlace } from '@windlass/resources/postgres/restore';
import { databaseSpecs, restoreRecords } from '@windlass/resources/postgres/records';
import type { ActivityDeps } from '../../core/deps.ts';
import type { OwnedInput } from '../../core/own.ts';
import type { DatabaseTask } from '../database-task.ts';
import { containerOf } from '../container-of.ts';

/** The part of a restore that is about one node, done on the host of one of its instances. */
export interface NodeRestore extends DatabaseTask {
  readonly nodeName: string;
  /** Patroni's name for the node. */
  readonly scope: string;
  readonly instanceId: string;
  /** The task of the node: its log, its progress. */
  readonly nodeTaskId: string;
  /** The task whose restore is undone; absent: a backup is restored. */
  readonly undoes?: string;
}

export interface RestoreFacts {
  readonly place: RestorePlace;
  readonly aims: RestoreAims;
  /** Absent where an earlier restore is undone. */
  readonly origin?: RestoreOrigin;
}

/** Everything the work on a node needs to know, from what is stored. */
export async function restoreFacts({ kv }: Pick<ActivityDeps, 'kv'>, input: NodeRestore): Promise<RestoreFacts> {
  const { databaseId, nodeName, instanceId, taskId } = input;
  const container = await containerOf(kv, databaseId, instanceId);
  const database = (await databaseSpecs.get(kv, databaseId))?.value;
  if (!database) throw new DomainError('not_found', `instance '${instanceId}' is gone`);
  const origin = input.undoes === undefined ? await originOf(kv, input) : undefined;
  const source = origin?.source ?? { databaseId, nodeName, databaseName: database.spec.database_name };
  return {
    place: {
      key: taskId,
      databaseId,
      nodeName,
      instanceId,
      backupsOf: source.databaseId,
      container,
    },
    aims: {
      sourceName: source.databaseName,
      databaseName: database.spec.database_name,
      foreign: source.databaseId !== databaseId,
    },
    ...(origin && { origin }),
  };
}

async function originOf(kv: ActivityDeps['kv'], { databaseId, taskId }: DatabaseTask): Promise<RestoreOrigin> {
  const found = await restoreRecords.get(kv, databaseId, taskId);
  if (!found) throw new DomainError('not_found', `what task '${taskId}' is to restore is not stored any more`);
  return found.value.origin;
}

/** Where a node's part of a restore is told. */
export const logOf = ({ entity, nodeTaskId }: NodeRestore): OwnedInput => ({ entity, taskId: nodeTaskId });
