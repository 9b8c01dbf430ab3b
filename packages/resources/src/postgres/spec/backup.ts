import { z } from 'zod';
import { OptionKey } from './primitives.ts';
import { Identifier, text } from '../../api/texts.ts';

const REPOSITORY_TYPES = ['s3', 'gcs', 'azure', 'posix', 'cifs'] as const;
const secret = (max: number, description: string) =>
  text(0, max)
    .optional()
    .meta({ description: `${description} Write-only.`, writeOnly: true });
const place = (min: number, max: number, description: string) => text(min, max).optional().meta({ description });

export const repositoryShape = {
  id: Identifier.optional().meta({ description: 'Id of the repository.', examples: ['main'] }),
  type: z
    .enum(REPOSITORY_TYPES, { error: (issue) => `unsupported repo type '${String(issue.input).slice(0, 32)}'` })
    .meta({ description: 'Kind of storage.', examples: ['s3'] }),
  s3_bucket: place(3, 63, 'Bucket; required for s3.'),
  s3_region: place(1, 32, 'Region of the bucket.'),
  s3_endpoint: place(3, 128, 'Endpoint of the S3 service.'),
  s3_key: secret(128, 'Access key.'),
  s3_key_secret: secret(128, 'Secret of the access key.'),
  gcs_bucket: place(3, 63, 'Bucket; required for gcs.'),
  gcs_endpoint: place(3, 128, 'Endpoint of the GCS service.'),
  gcs_key: text(0, 1024)
    .regex(/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/, { error: 'must be base64' })
    .optional()
    .meta({ description: 'Service key, base64. Write-only.', writeOnly: true }),
  azure_account: place(3, 24, 'Storage account; required for azure.'),
  azure_container: place(3, 63, 'Container; required for azure.'),
  azure_endpoint: place(3, 128, 'Endpoint of the Azure service.'),
  azure_key: secret(128, 'Key of the storage account; required for azure.'),
  base_path: text(0, 256)
    .optional()
    .meta({ description: 'Base directory; required and absolute for posix and cifs.', examples: ['/backups'] }),
  custom_options: z
    .record(OptionKey, z.string())
    .optional()
    .meta({ description: 'Further pgBackRest options.', examples: [{ 'storage-ca-file': '/ca.pem' }] }),
};

export const BackupRepository = z
  .strictObject({
    ...repositoryShape,
    retention_full: z
      .int()
      .min(1)
      .max(9_999_999)
      .optional()
      .meta({ description: 'How many full backups, or days of them, are kept.', examples: [7] }),
    retention_full_type: z
      .enum(['time', 'count'])
      .optional()
      .meta({ description: 'Unit of `retention_full`.', examples: ['count'] }),
  })
  .meta({ id: 'BackupRepository', description: 'Where backups are written.' });

export const ScheduleType = z.enum(['full', 'incr', 'verify']).meta({
  description:
    'What is done: a full or an incremental backup, or the newest backup of each repository is restored and read.',
  examples: ['full'],
});

export const BackupSchedule = z
  .strictObject({
    id: text(0, 64).meta({ description: 'Id of the schedule.', examples: ['nightly'] }),
    type: ScheduleType,
    cron_expression: text(0, 32).meta({ description: 'Timetable in UTC, five fields.', examples: ['0 2 * * *'] }),
  })
  .meta({ id: 'BackupSchedule', description: 'When backups are made or verified.' });

export const BackupConfig = z
  .strictObject({
    repositories: z.array(BackupRepository).min(1).meta({ description: 'Where backups go.' }),
    schedules: z.array(BackupSchedule).max(32).optional().meta({ description: 'When backups are made or verified.' }),
  })
  .meta({ id: 'BackupConfig', description: 'Backups of a node or of all nodes.' });
