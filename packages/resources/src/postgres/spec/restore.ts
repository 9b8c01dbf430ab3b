import { z } from 'zod';
import { repositoryShape } from './backup.ts';
import { NodeName, OptionKey } from './primitives.ts';
import { Identifier, text } from '../../api/texts.ts';

export const RestoreRepository = z
  .strictObject(repositoryShape)
  .meta({ id: 'RestoreRepository', description: 'Where a backup is read from.' });

export const RestoreConfig = z
  .strictObject({
    source_database_id: Identifier.meta({ description: 'Database that made the backup.', examples: ['storefront'] }),
    source_node_name: NodeName.meta({ description: 'Node that made the backup.', examples: ['n1'] }),
    source_database_name: text(1, 31).meta({
      description: 'Postgres database at the time of the backup.',
      examples: ['storefront'],
    }),
    repository: RestoreRepository,
    restore_options: z
      .record(OptionKey, z.string())
      .refine((options) => Object.keys(options).length <= 32, { error: 'must have at most 32 entries' })
      .optional()
      .meta({
        description: 'Further pgBackRest options.',
        examples: [{ type: 'time', target: '2026-01-31 12:00:00+00' }],
      }),
  })
  .meta({ id: 'RestoreConfig', description: 'A backup to start from.' });
