import type { FastifyRequest } from 'fastify';
import type { ApiDatabase } from '@windlass/resources/postgres/spec';
import type { ApiTask } from '@windlass/resources/api';
import { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import { once, type ClaimFor } from '../entities/idempotency.ts';
import { toApiTask } from '../core/tasks/read-tasks.ts';
import type { Accepted } from './change-spec.ts';
import { toApiDatabase } from './view.ts';
import type { InstanceStatus } from '@windlass/resources/postgres/records';

/** What an accepted create or update answers. */
export interface AcceptedAnswer {
  readonly task: ApiTask;
  readonly database: ApiDatabase;
}

export function toAnswer(accepted: Accepted, statuses: readonly InstanceStatus[], now: Date): AcceptedAnswer {
  const { task, record, stored, revision } = accepted;
  return { task: toApiTask(task), database: toApiDatabase(record, statuses, now, { stored, revision }) };
}

const withId = z.looseObject({ task: z.looseObject({ task_id: z.string() }), database: z.looseObject({ id: z.string() }) }); // prettier-ignore
/** It was made by a server; here it is only made sure that it is one. */
const isAnswer = (value: unknown): boolean => withId.safeParse(value).success;

/** The same request with the same `Idempotency-Key` is accepted once; each time it gets the answer with the revision of the spec. */
export const answerOnce = <A extends AcceptedAnswer>(
  deps: ServerDeps,
  request: FastifyRequest,
  work: (claimFor: ClaimFor<A>) => Promise<A>,
): Promise<A> => once(deps, request, { schema: z.custom<A>(isAnswer), at: withRevision }, work);

const withRevision = <A extends AcceptedAnswer>(answer: A, revision: number): A => ({
  ...answer,
  database: { ...answer.database, revision: String(revision) },
});
