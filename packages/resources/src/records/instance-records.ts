import { z } from 'zod';
import { CONDITION_TYPES } from '../spec/conditions.ts';
import { Collection } from '../store/collection.ts';
import type { ArchivingStatus, InstanceStatus } from '../store/ports.ts';

const archiving: z.ZodType<ArchivingStatus> = z.looseObject({
  lastArchivedAt: z.string().optional(),
  archivedUntil: z.string().optional(),
  waiting: z.number(),
  failingSince: z.string().optional(),
  failed: z.number(),
});

/** A condition of a later release is left out: this one has no words for it. */
const conditions = z
  .array(z.looseObject({ type: z.string(), message: z.string(), since: z.string() }))
  .transform((all) => all.flatMap(({ type, ...rest }) => CONDITION_TYPES.filter((t) => t === type).map((t) => ({ ...rest, type: t })))); // prettier-ignore

const instanceStatus: z.ZodType<InstanceStatus> = z.looseObject({
  instanceId: z.string(),
  databaseId: z.string(),
  nodeName: z.string(),
  hostId: z.string(),
  createdAt: z.string(),
  sampledAt: z.string(),
  container: z.enum(['running', 'stopped', 'absent']),
  writable: z.boolean(),
  streaming: z.boolean().optional(),
  unprotected: z.boolean().optional(),
  timeline: z.number().optional(),
  role: z.enum(['primary', 'replica', 'uninitialized']).optional(),
  patroniState: z.string().optional(),
  postgresVersion: z.string().optional(),
  pendingRestart: z.boolean().optional(),
  archiving: archiving.optional(),
  port: z.number().optional(),
  addresses: z.array(z.string()),
  error: z.string().optional(),
  conditions: conditions.optional(),
});

/** What the monitor of its host saw of each instance. */
export const instanceStatuses = new Collection<InstanceStatus, [databaseId: string, instanceId: string]>(
  'instance-status',
  instanceStatus,
);
