import { z } from 'zod';
import { ApiScheduleRuns } from './api-backup-status.ts';
import { ACTIONS, REASONS } from '../../engine/plan-types.ts';

const ResourceKey = z.string().meta({ description: '`<kind>::<id>`', examples: ['postgres.role::storefront-n1-app'] });

export const ApiPlanStep = z
  .object({
    action: z.enum(ACTIONS).meta({ description: 'What is done.', examples: ['update'] }),
    resource: ResourceKey,
    reason: z.enum(REASONS).meta({ description: 'Why.', examples: ['spec_changed'] }),
    fields: z.array(z.string()).meta({ description: 'Fields that differ.', examples: [['settings']] }),
  })
  .meta({ id: 'PlanStep', description: 'One step of a plan.' });

export const ApiPlan = z
  .object({
    steps: z.array(ApiPlanStep).meta({ description: 'In the order in which they may run.' }),
    sentences: z.array(z.string()).meta({ description: 'The steps in words.' }),
    schedules: z.array(ApiScheduleRuns).optional().meta({ description: 'When backups will be taken or verified.' }),
    text: z.string().meta({ description: 'The sentences, one a line.' }),
  })
  .meta({ id: 'Plan', description: 'What would be done, or was.' });
export type ApiPlan = z.output<typeof ApiPlan>;

export const ApiResourceView = z
  .object({
    resource: ResourceKey,
    spec: z.unknown().meta({ description: 'What was applied last.' }),
    status: z.unknown().optional().meta({ description: 'What the world answered.' }),
    phase: z
      .enum(['applying', 'ready', 'failed', 'deleting'])
      .meta({ description: 'How far it is.', examples: ['ready'] }),
    missing: z.boolean().meta({ description: 'It was removed behind our back.' }),
    drift: z
      .array(z.string())
      .meta({ description: 'Fields that were changed behind our back.', examples: [['work_mem']] }),
    error: z.string().optional().meta({ description: 'Why the last step failed.' }),
  })
  .meta({ id: 'ResourceView', description: 'A resource of a database, as stored and as found.' });
export type ApiResourceView = z.output<typeof ApiResourceView>;

export const ListResourcesResponse = z
  .object({ resources: z.array(ApiResourceView) })
  .meta({ id: 'ListResourcesResponse', description: 'The resources of a database.' });
