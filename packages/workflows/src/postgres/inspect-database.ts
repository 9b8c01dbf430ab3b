import type { WorkflowInputs } from '@windlass/resources/tasks';
import { inspectEntity } from '../core/inspect-entity.ts';
import { databaseOf } from './database-task.ts';

/** What is missing of a database or was changed behind our back. */
export const inspectDatabase = ({ databaseId }: WorkflowInputs['inspectDatabase']) =>
  inspectEntity(databaseOf(databaseId));
