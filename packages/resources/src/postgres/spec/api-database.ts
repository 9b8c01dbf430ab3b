import { z } from 'zod';
import { ApiBackupStatus, ApiCondition } from './api-backup-status.ts';
import { ApiInstance, ApiNode, ApiServiceInstance } from './api-instance.ts';
import { ApiTask } from '../../api/api-task.ts';
import { ENTITY_STATES } from '../../engine/entity-record.ts';
import { DatabaseSpec } from './database.ts';
import { Identifier, Timestamp } from '../../api/texts.ts';

export const AvailableUpgrade = z
  .object({
    postgres_version: z.string().meta({ description: 'Version of Postgres.', examples: ['17.7'] }),
    spock_version: z
      .string()
      .meta({ description: 'Major version of Spock whose names schema `spock` has.', examples: ['5'] }),
    image: z.string().meta({ description: 'Image to upgrade to.' }),
  })
  .meta({ id: 'AvailableUpgrade', description: 'A newer image of the same major version.' });

const summary = {
  id: Identifier.meta({ description: 'Id of the database.', examples: ['storefront'] }),
  tenant_id: Identifier.optional().meta({ description: 'Owner; it cannot be changed.', examples: ['acme'] }),
  created_at: Timestamp,
  updated_at: Timestamp.meta({ description: 'Time of the last change of the spec.' }),
  state: z.enum(ENTITY_STATES).meta({ description: 'State of the database.', examples: ['available'] }),
  instances: z.array(ApiInstance).optional().meta({ description: 'Sorted by node and id.' }),
  available_upgrades: z.array(AvailableUpgrade).optional().meta({ description: 'Only when asked for with `include`.' }),
};

export const ApiDatabaseSummary = z
  .object(summary)
  .meta({ id: 'DatabaseSummary', description: 'A database in a list.' });
export type ApiDatabaseSummary = z.output<typeof ApiDatabaseSummary>;

export const ApiDatabase = z
  .object({
    ...summary,
    service_instances: z.array(ApiServiceInstance).optional().meta({ description: 'Sorted by service and host.' }),
    nodes: z.array(ApiNode).optional().meta({ description: 'In the order of the spec.' }),
    spec: DatabaseSpec.optional().meta({ description: 'What was declared, without secrets.' }),
    backups: z.array(ApiBackupStatus).optional().meta({ description: 'Of every node that is backed up.' }),
    conditions: z.array(ApiCondition).optional().meta({ description: 'What needs attention although it serves.' }),
    revision: z
      .string()
      .optional()
      .meta({ description: 'Revision of the spec, for `If-Match`.', examples: ['1042'] }),
  })
  .meta({ id: 'Database', description: 'A database as declared and as it is.' });
export type ApiDatabase = z.output<typeof ApiDatabase>;

export const ListDatabasesResponse = z
  .object({ databases: z.array(ApiDatabaseSummary) })
  .meta({ id: 'ListDatabasesResponse', description: 'All databases, by id.' });
export const DatabaseTaskResponse = z
  .object({ task: ApiTask, database: ApiDatabase })
  .meta({ id: 'DatabaseTaskResponse', description: 'The accepted task and the database as it is now.' });
export const CreateDatabaseResponse = DatabaseTaskResponse;
export const UpdateDatabaseResponse = DatabaseTaskResponse;
export const DeleteDatabaseResponse = z
  .object({ task: ApiTask })
  .meta({ id: 'DeleteDatabaseResponse', description: 'The accepted task.' });
