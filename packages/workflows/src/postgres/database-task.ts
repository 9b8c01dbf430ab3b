import type { DatabaseTask } from '@windlass/activities';

/** A database for looks at it, as activities of today and of earlier releases are told of it: those know its id alone. */
export const databaseOf = (databaseId: string): Pick<DatabaseTask, 'entity' | 'databaseId'> => ({
  entity: { kind: 'database', id: databaseId },
  databaseId,
});

/** A task of a database, to be passed on as a whole. */
export const databaseTaskOf = (databaseId: string, taskId: string): DatabaseTask => ({
  ...databaseOf(databaseId),
  taskId,
});
