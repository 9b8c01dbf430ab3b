import { z } from 'zod';
import { Collection } from '../store/collection.ts';
import type { ResourceRecord, StoredPlan } from '../store/ports.ts';
import type { EntityPart } from './entity-ref.ts';
import { dependency, desired, executor, ref, step } from './record-shapes.ts';
import type { Desired } from './resource.ts';

const resourceRecord: z.ZodType<ResourceRecord> = z.looseObject({
  ref,
  version: z.int(),
  spec: z.unknown(),
  status: z.unknown().optional(),
  executor,
  dependsOn: z.array(dependency),
  within: ref.optional(),
  phase: z.enum(['applying', 'ready', 'failed', 'deleting']),
  inputsHash: z.string(),
  error: z.string().optional(),
  taskId: z.string(),
  updatedAt: z.string(),
});

const storedPlan: z.ZodType<StoredPlan> = z.looseObject({
  steps: z.array(step),
  notes: z.array(z.string()).exactOptional(),
  createdAt: z.string(),
  sentences: z.array(z.string()),
  deferred: z.array(step).optional(),
  givenUp: z.array(ref).optional(),
});

/** What was made of each entity, one record a resource; by the entity and `kind::id`. */
export const resourceRecords = new Collection<ResourceRecord, [entity: EntityPart, ref: string]>(
  'resources',
  resourceRecord,
  { restAt: 1 },
);

/** The plan of each task, without what its steps apply. */
export const planRecords = new Collection<StoredPlan, [entity: EntityPart, taskId: string]>('plans', storedPlan);

/** What a step of a plan applies; by `kind::id`. */
export const planParts = new Collection<Desired, [entity: EntityPart, taskId: string, ref: string]>('plans', desired, {
  restAt: 2,
});
