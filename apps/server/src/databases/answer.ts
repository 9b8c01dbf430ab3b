import type { ApiDatabase, ApiTask } from '@windlass/resources/spec';
import type { InstanceStatus } from '@windlass/resources/store';
import { toApiTask } from '../tasks/read-tasks.ts';
import type { Accepted } from './change-spec.ts';
import { toApiDatabase } from './view.ts';

/** What an accepted create or update answers. */
export interface AcceptedAnswer {
  readonly task: ApiTask;
  readonly database: ApiDatabase;
}

export function toAnswer(accepted: Accepted, statuses: readonly InstanceStatus[], now: Date): AcceptedAnswer {
  const { task, record, stored, revision } = accepted;
  return { task: toApiTask(task), database: toApiDatabase(record, statuses, now, { stored, revision }) };
}

/** The revision as an entity tag. */
export const etagOf = (revision: number | string | undefined): string => `"${String(revision)}"`;
