import type { EntityRef } from '../engine/entity-ref.ts';
import type { TaskRecord } from './records.ts';

/** Where a task is kept: the entity it is about, and its id. */
export interface TaskRef<S extends TaskRecord['scope'] = TaskRecord['scope']> {
  readonly scope: S;
  readonly entityId: string;
  readonly taskId: string;
}

/** A task of an entity. */
export const taskOf = ({ kind, id }: EntityRef, taskId: string): TaskRef => ({ scope: kind, entityId: id, taskId });

/** A task of a database. */
export const databaseTask = (databaseId: string, taskId: string): TaskRef<'database'> => ({
  scope: 'database',
  entityId: databaseId,
  taskId,
});

/** A task of a host. */
export const hostTask = (hostId: string, taskId: string): TaskRef<'host'> => ({
  scope: 'host',
  entityId: hostId,
  taskId,
});
