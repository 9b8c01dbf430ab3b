import { databaseEntity } from '@windlass/resources/entity';
import { around, type Activity } from '../core/around.ts';

/**
 * The same activities for workflows of before there were entities: those name the id of a database only, where now there is its
 * kind as well. Workers of earlier releases find that id still in what they are given.
 */
export const olderInputs = <A extends Readonly<Record<string, Activity>>>(activities: A): A =>
  around(activities, (_name, activity) => (input: object | undefined) => activity(withEntity(input) as never));

/** The input with the entity it is about. */
function withEntity(input: object | undefined): object | undefined {
  if (input === undefined || 'entity' in input || !('databaseId' in input)) return input;
  return typeof input.databaseId === 'string' ? { ...input, entity: databaseEntity(input.databaseId) } : input;
}
