import type { WorkflowInputs } from '@windlass/resources/tasks';
import { planEntity } from '../core/plan-entity.ts';
import { databaseOf } from './database-task.ts';

/** What an update to the proposed spec would do. */
export const planDatabase = ({ databaseId, proposalId }: WorkflowInputs['planDatabase']) =>
  planEntity({ ...databaseOf(databaseId), proposalId });
