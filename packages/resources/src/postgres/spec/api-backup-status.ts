import { z } from 'zod';
import { ScheduleType } from './backup.ts';
import { CONDITION_TYPES } from './conditions.ts';
import { Timestamp } from '../../api/texts.ts';

const NextRuns = z
  .array(Timestamp)
  .meta({ description: 'The next three times, UTC.', examples: [['2026-02-01T02:00:00Z']] });

export const ApiScheduleRuns = z
  .object({
    node_name: z.string().meta({ description: 'Node that is backed up.', examples: ['n1'] }),
    id: z.string().meta({ description: 'Id of the schedule.', examples: ['nightly'] }),
    type: ScheduleType,
    next_runs: NextRuns,
  })
  .meta({ id: 'ScheduleRuns', description: 'When a schedule runs.' });
export type ApiScheduleRuns = z.output<typeof ApiScheduleRuns>;

const Archiving = z
  .object({
    last_archived_at: Timestamp.optional(),
    lag_seconds: z
      .int()
      .min(0)
      .optional()
      .meta({ description: 'Age of what was archived last.', examples: [12] }),
    waiting_segments: z
      .int()
      .min(0)
      .meta({ description: 'WAL segments that wait to be archived.', examples: [0] }),
    failed: z
      .int()
      .min(0)
      .meta({ description: 'Attempts that failed since Postgres counts.', examples: [0] }),
    failing_since: Timestamp.optional(),
  })
  .meta({ id: 'ArchivingStatus', description: 'How far the primary is with archiving its WAL.' });

const ScheduleStatus = z
  .object({
    id: z.string().meta({ description: 'Id of the schedule.', examples: ['nightly'] }),
    type: ScheduleType,
    last_run_at: Timestamp.optional(),
    last_outcome: z.enum(['completed', 'failed', 'canceled', 'missed']).optional(),
    last_error: z.string().optional().meta({ description: 'Why the last run did not work.' }),
    next_runs: NextRuns,
  })
  .meta({ id: 'ScheduleStatus', description: 'A schedule and how its last run ended.' });

export const ApiBackupStatus = z
  .object({
    node_name: z.string().meta({ description: 'Node that is backed up.', examples: ['n1'] }),
    last_backup: z.string().optional().meta({ description: 'Label of the newest good backup.' }),
    last_backup_at: Timestamp.optional(),
    last_backup_age_seconds: z.int().min(0).optional().meta({ description: 'Age of the newest good backup.' }),
    earliest_restorable: Timestamp.optional(),
    latest_restorable: Timestamp.optional(),
    archiving: Archiving.optional(),
    schedules: z.array(ScheduleStatus).optional().meta({ description: 'In the order of the spec.' }),
  })
  .meta({ id: 'BackupStatus', description: 'What can be restored of a node, and whether that goes on.' });
export type ApiBackupStatus = z.output<typeof ApiBackupStatus>;

export const ApiCondition = z
  .object({
    type: z.enum(CONDITION_TYPES).meta({ description: 'What is wrong.', examples: ['backup_failed'] }),
    node_name: z
      .string()
      .optional()
      .meta({ description: 'Node it is about.', examples: ['n1'] }),
    instance_id: z
      .string()
      .optional()
      .meta({ description: 'Instance it is about.', examples: ['storefront-n1-689qacsi'] }),
    message: z.string().meta({ description: 'The same in words.' }),
    since: Timestamp.optional(),
  })
  .meta({ id: 'Condition', description: 'Something that needs attention although the database serves.' });
export type ApiCondition = z.output<typeof ApiCondition>;
