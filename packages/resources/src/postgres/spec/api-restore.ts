import { z } from 'zod';
import { ApiDatabase } from './api-database.ts';
import { ApiTask } from '../../api/api-task.ts';
import { RestoreConfig } from './restore.ts';

const TargetNodes = z
  .array(z.string())
  .max(9)
  .optional()
  .meta({ description: 'Names of the nodes; absent or empty: all of them.', examples: [['n1']] });
const KeepHours = z
  .int()
  .min(1)
  .max(720)
  .optional()
  .meta({ description: 'For how many hours the former data is kept, to be put back; 24 unless told.', examples: [24] });

export const RestoreDatabaseRequest = z
  .object({ restore_config: RestoreConfig, target_nodes: TargetNodes, keep_hours: KeepHours })
  .meta({ id: 'RestoreDatabaseRequest', description: 'What is restored, and where.' });
export type RestoreDatabaseRequest = z.output<typeof RestoreDatabaseRequest>;

export const UndoRestoreRequest = z
  .object({ target_nodes: TargetNodes, keep_hours: KeepHours })
  .meta({ id: 'UndoRestoreRequest', description: 'Where the last restore is undone; may be left out.' });

export const RestoreDatabaseResponse = z
  .object({
    task: ApiTask,
    node_tasks: z.array(ApiTask).meta({ description: 'One for each node, in the order of the request.' }),
    database: ApiDatabase,
  })
  .meta({ id: 'RestoreDatabaseResponse', description: 'The accepted tasks and the database as it is now.' });
