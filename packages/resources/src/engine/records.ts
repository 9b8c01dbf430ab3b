import { z } from 'zod';
import { Collection } from '../store/collection.ts';
import type { EntityPart } from './entity-ref.ts';
import { dependency, desired, executor, ref, step } from './record-shapes.ts';
import type { Desired, Dependency, Executor, Ref } from './resource.ts';
import type { Plan, Step } from './plan-types.ts';

export interface ResourceRecord {
  readonly ref: Ref;
  readonly version: number;
  /** The version of its kind it was applied with, when its form is a newer one: with the next change it is applied again. */
  readonly appliedVersion?: number | undefined;
  readonly spec: unknown;
  readonly status?: unknown;
  readonly executor: Executor;
  readonly dependsOn: readonly Dependency[];
  readonly within?: Ref | undefined;
  /** `applying`: begun and not known to have ended. */
  readonly phase: 'applying' | 'ready' | 'failed' | 'deleting';
  /** Hash of the statuses of the `output` dependencies when it was last applied. */
  readonly inputsHash: string;
  readonly error?: string | undefined;
  readonly taskId: string;
  readonly updatedAt: string;
}

export type StoredPlan = Plan & {
  readonly createdAt: string;
  readonly sentences: readonly string[];
  /** Steps left out because their host does not answer; they are done when it does. */
  readonly deferred?: readonly Step[] | undefined;
  /** Resources on hosts that are gone for good: their records are removed, whatever is left of them there. */
  readonly givenUp?: readonly Ref[] | undefined;
};

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
