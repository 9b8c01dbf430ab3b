import type { OwnedInput } from '../core/own.ts';

/** A task of a database. Workers of earlier releases know it by the database's id alone. */
export interface DatabaseTask extends OwnedInput {
  readonly databaseId: string;
}
