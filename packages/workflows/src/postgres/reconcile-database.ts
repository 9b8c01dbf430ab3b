import { archiveSources } from './archive-sources.ts';
import { operate, type Besides, type OperationInput } from '../core/operate.ts';
import { databaseTaskOf } from './database-task.ts';
import { queuesOf, sampleAll } from './sample-all.ts';

export interface DatabaseOperation extends OperationInput {
  readonly databaseId: string;
  readonly taskId: string;
}

/** Brings a database to what is declared of it, or removes it. `first` is done before anything is looked at. */
export async function reconcileDatabase(input: DatabaseOperation, first?: Besides['first']): Promise<void> {
  const { databaseId, taskId, revision } = input;
  const task = databaseTaskOf(databaseId, taskId);
  await operate(task, input, {
    ...(first && { first }),
    before: (steps) => archiveSources(task, steps),
    after: async (steps) => {
      if (revision !== undefined) await sampleAll(databaseId, queuesOf(steps));
    },
  });
}
