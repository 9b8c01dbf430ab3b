import { databaseEntity } from '@windlass/resources/entity';
import { runAttributes } from '../core/run-attributes.ts';

/** The search attributes of a run that only looks at a database. */
export const lookAttributes = (databaseId: string, type: string) => ({
  WindlassDatabaseId: databaseId,
  ...runAttributes(databaseEntity(databaseId), type),
});
