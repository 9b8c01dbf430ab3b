import { z } from 'zod';
import { Timestamp } from '../../api/texts.ts';

const TYPES = ['full', 'diff', 'incr'] as const;

export const BackupOptions = z
  .object({
    type: z.enum(TYPES).meta({ description: 'Kind of backup.', examples: ['full'] }),
    annotations: z
      .record(z.string(), z.string())
      .optional()
      .meta({ description: 'Words that are kept with the backup.', examples: [{ reason: 'before the upgrade' }] }),
    backup_options: z
      .record(z.string(), z.string())
      .optional()
      .meta({
        description:
          'Further pgBackRest options; an empty value is a flag. `backup-standby`: `y` copies from a replica, `prefer` does when one is healthy.',
        examples: [{ 'archive-check': 'n' }],
      }),
  })
  .meta({ id: 'BackupOptions', description: 'What kind of backup to take.' });
export type BackupOptions = z.output<typeof BackupOptions>;

const Label = z.string().meta({ description: 'Label that pgBackRest gave it.', examples: ['20260131-120000F'] });
const Bytes = (description: string) =>
  z
    .int()
    .min(0)
    .meta({ description, examples: [31457280] });
const Segment = z.string().meta({ description: 'Name of a WAL segment.', examples: ['000000010000000000000007'] });
const Lsn = z.string().meta({ description: 'Position in the WAL.', examples: ['0/7000028'] });

export const ApiBackup = z
  .object({
    label: Label,
    type: z.enum(TYPES).meta({ description: 'Kind of backup.', examples: ['full'] }),
    repository: z
      .int()
      .meta({ description: 'Position of its repository in the configuration, from 1.', examples: [1] }),
    repository_id: z
      .string()
      .optional()
      .meta({ description: 'Id of its repository.', examples: ['main'] }),
    started_at: Timestamp,
    finished_at: Timestamp.meta({ description: 'The earliest time it can be restored to.' }),
    database_bytes: Bytes('Size of the database.'),
    copied_bytes: Bytes('What had to be copied.'),
    stored_bytes: Bytes('What it takes up in the repository.'),
    wal_start: Segment,
    wal_stop: Segment,
    lsn_start: Lsn,
    lsn_stop: Lsn,
    annotations: z.record(z.string(), z.string()).optional().meta({ description: 'Words that were kept with it.' }),
    needs: z.array(Label).optional().meta({ description: 'Backups it cannot be restored without.' }),
    encrypted: z.boolean().meta({ description: 'Its repository is encrypted.' }),
    damaged: z.boolean().meta({ description: 'A page was damaged when it was copied.' }),
    verified: z.boolean().optional().meta({ description: 'Whether it could be restored and read; absent: not tried.' }),
    verified_at: Timestamp.optional(),
    verify_error: z
      .string()
      .optional()
      .meta({ description: 'Why it could not be restored and read, or not be verified.' }),
    task_id: z.string().optional().meta({ description: 'Task that took it.', format: 'uuid' }),
    of_former_database: z
      .boolean()
      .optional()
      .meta({ description: 'It is of a former database of this id: a restore takes it when `set` names it.' }),
  })
  .meta({ id: 'Backup', description: 'One backup in one repository.' });
export type ApiBackup = z.output<typeof ApiBackup>;

export const ApiRepositoryState = z
  .object({
    repository: z.int().meta({ description: 'Position in the configuration, from 1.', examples: [1] }),
    repository_id: z
      .string()
      .optional()
      .meta({ description: 'Its id.', examples: ['main'] }),
    problem: z.string().optional().meta({ description: 'Why it cannot be used; absent when it can.' }),
    wal_min: Segment.optional(),
    wal_max: Segment.optional(),
  })
  .meta({ id: 'RepositoryState', description: 'A repository as it is.' });

export const ListBackupsResponse = z
  .object({
    backups: z.array(ApiBackup).meta({ description: 'Oldest first.' }),
    repositories: z.array(ApiRepositoryState).meta({ description: 'In the order of the configuration.' }),
    earliest_restorable: Timestamp.optional(),
    latest_restorable: Timestamp.optional(),
  })
  .meta({ id: 'ListBackupsResponse', description: 'What can be restored.' });
export const BackupResponse = z
  .object({ backup: ApiBackup })
  .meta({ id: 'BackupResponse', description: 'One backup.' });
