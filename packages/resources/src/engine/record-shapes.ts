import { z } from 'zod';
import { ACTIONS, REASONS, type Step } from './plan-types.ts';
import type { Dependency, Desired, Executor, Ref } from './resource.ts';

export const ref: z.ZodType<Ref> = z.looseObject({ kind: z.string(), id: z.string() });

export const executor: z.ZodType<Executor> = z.discriminatedUnion('on', [
  z.looseObject({ on: z.literal('any') }),
  z.looseObject({ on: z.literal('manager') }),
  z.looseObject({ on: z.literal('host'), hostId: z.string() }),
  z.looseObject({ on: z.literal('primary'), node: z.string() }),
]);

export const dependency: z.ZodType<Dependency> = z.looseObject({
  ref,
  output: z.boolean().exactOptional(),
  anyOf: z.string().exactOptional(),
});

export const step: z.ZodType<Step> = z.looseObject({
  action: z.enum(ACTIONS),
  ref,
  reason: z.enum(REASONS),
  fields: z.array(z.string()),
  executor,
  after: z.array(z.int()),
  afterAny: z.array(z.array(z.array(z.int()))).exactOptional(),
  interrupts: z.literal(true).exactOptional(),
});

export const desired: z.ZodType<Desired> = z.looseObject({
  ref,
  version: z.int(),
  spec: z.unknown(),
  executor,
  dependsOn: z.array(dependency),
  within: ref.optional(),
  paused: z.boolean().exactOptional(),
  rolling: z.object({ group: z.string(), member: z.string() }).optional(),
});
