import { z } from 'zod';
import type { EntityRef } from '../engine/entity-ref.ts';
import { Collection } from '../store/collection.ts';
import { olderOutboxEntry } from './older-outbox-entry.ts';
import type { TaskInputs } from './task-inputs.ts';
import { INPUTS, isOutboxTask } from './read-input.ts';
import type { OutboxTask } from './traits.ts';

/** A task that was accepted and whose workflow is not known to run: everything that is needed to start it. */
export interface OutboxEntry<T extends OutboxTask = OutboxTask> {
  readonly entity: EntityRef;
  readonly taskId: string;
  readonly type: T;
  readonly input: TaskInputs[T];
  readonly tenantId?: string | undefined;
  /** The task this one takes over from: it is ended before this one starts. */
  readonly supersedes?: string | undefined;
}

/** A task that is to be canceled and owns nothing: nobody would tell its workflow again if it was not here. */
export interface CancelEntry {
  readonly entity: EntityRef;
  readonly taskId: string;
  readonly cancel: true;
}

const entity = z.object({ kind: z.string(), id: z.string() });
const cancelEntry: z.ZodType<CancelEntry> = z.object({ entity, taskId: z.string(), cancel: z.literal(true) });
const startEntry: z.ZodType<OutboxEntry> = z
  .object({
    entity,
    taskId: z.string(),
    type: z.string().refine(isOutboxTask, 'no workflow does such a task'),
    input: z.unknown(),
    tenantId: z.string().optional(),
    supersedes: z.string().optional(),
  })
  .transform((entry, context) => {
    const input = INPUTS[entry.type].safeParse(entry.input);
    if (input.success) return { ...entry, input: input.data };
    for (const { path, message } of input.error.issues)
      context.addIssue({ code: 'custom', path: ['input', ...path], message });
    return z.NEVER;
  });

/** What is to be told to Temporal, by task; entries of earlier releases are read as if they were written now. */
export const outboxEntries = new Collection<OutboxEntry | CancelEntry, [taskId: string]>(
  'outbox',
  z.preprocess(olderOutboxEntry, z.union([cancelEntry, startEntry])),
);
