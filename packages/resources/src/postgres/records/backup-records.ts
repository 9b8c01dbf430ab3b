import { z } from 'zod';
import type { Backup, RepositoryState, Catalogue } from '../backups/catalogue.ts';
import { Collection } from '../../store/collection.ts';
import { resourceRecords, type ResourceRecord } from '../../engine/records.ts';

/** `leftovers/<host>/<database>`: what a deleted database left on a host that did not answer. Its worker removes it. */
export interface Leftovers {
  readonly databaseId: string;
  readonly tenantId?: string | undefined;
  readonly records: readonly ResourceRecord[];
  readonly since: string;
}

/** `backup-catalogues/<database>/<node>`: what was in the repositories when they were read last. */
export type StoredCatalogue = Catalogue & { readonly readAt: string };

/** `backup-checks/<database>/<node>/<repository>/<label>`: what came of restoring a backup to see whether it can be. */
export interface BackupCheck {
  readonly checkedAt: string;
  /** Absent: something else kept it from being verified. */
  readonly verified?: boolean;
  readonly error?: string;
  /** When it was proven good, though it could not be verified since. */
  readonly provenAt?: string;
}

/** `backup-schedules/<database>/<node>/<schedule>`: how the last run of a schedule ended. */
export interface ScheduleRun {
  readonly databaseId: string;
  readonly nodeName: string;
  readonly scheduleId: string;
  readonly outcome: 'completed' | 'failed' | 'canceled' | 'missed';
  readonly endedAt: string;
  readonly taskId?: string | undefined;
  readonly error?: string | undefined;
  readonly lastSuccessAt?: string | undefined;
  /** Since when no run worked. */
  readonly failingSince?: string | undefined;
}

const backup: z.ZodType<Backup> = z.looseObject({
  label: z.string(),
  type: z.enum(['full', 'diff', 'incr']),
  repository: z.number(),
  startedAt: z.string(),
  finishedAt: z.string(),
  databaseBytes: z.number(),
  copiedBytes: z.number(),
  storedBytes: z.number(),
  walStart: z.string(),
  walStop: z.string(),
  lsnStart: z.string(),
  lsnStop: z.string(),
  annotations: z.record(z.string(), z.string()),
  needs: z.array(z.string()),
  encrypted: z.boolean(),
  damaged: z.boolean(),
  taskId: z.string().exactOptional(),
  former: z.literal(true).exactOptional(),
});

const repository: z.ZodType<RepositoryState> = z.looseObject({
  position: z.number(),
  problem: z.string().exactOptional(),
  walMin: z.string().exactOptional(),
  walMax: z.string().exactOptional(),
});

const catalogue: z.ZodType<StoredCatalogue> = z.looseObject({
  readAt: z.string(),
  backups: z.array(backup),
  repositories: z.array(repository),
});

const backupCheck: z.ZodType<BackupCheck> = z.looseObject({
  checkedAt: z.string(),
  verified: z.boolean().exactOptional(),
  error: z.string().exactOptional(),
  provenAt: z.string().exactOptional(),
});

const scheduleRun: z.ZodType<ScheduleRun> = z.looseObject({
  databaseId: z.string(),
  nodeName: z.string(),
  scheduleId: z.string(),
  outcome: z.enum(['completed', 'failed', 'canceled', 'missed']),
  endedAt: z.string(),
  taskId: z.string().optional(),
  error: z.string().optional(),
  lastSuccessAt: z.string().optional(),
  failingSince: z.string().optional(),
});

const leftovers: z.ZodType<Leftovers> = z.looseObject({
  databaseId: z.string(),
  tenantId: z.string().optional(),
  records: z.array(z.unknown().transform((value) => resourceRecords.parse(value, 'leftovers'))),
  since: z.string(),
});

/** What was in the repositories of a node when they were read last. */
export const backupCatalogues = new Collection<StoredCatalogue, [databaseId: string, nodeName: string]>(
  'backup-catalogues',
  catalogue,
);
/** What came of restoring a backup to see whether it can be. */
export const backupChecks = new Collection<
  BackupCheck,
  [databaseId: string, nodeName: string, repository: string, label: string]
>('backup-checks', backupCheck);
/** How the last run of each schedule ended; the id of a schedule is URI-encoded. */
export const scheduleRuns = new Collection<ScheduleRun, [databaseId: string, nodeName: string, scheduleId: string]>(
  'backup-schedules',
  scheduleRun,
  { restAt: 2 },
);
/** What a deleted database left on a host that did not answer. Its worker removes it. */
export const leftoverRecords = new Collection<Leftovers, [hostId: string, databaseId: string]>('leftovers', leftovers);
