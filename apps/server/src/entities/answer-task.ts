import type { FastifyRequest } from 'fastify';
import { ApiTask } from '@windlass/resources/api';
import { z } from 'zod';
import type { ServerDeps } from '../core/deps.ts';
import { toApiTask } from '../core/tasks/read-tasks.ts';
import type { AlsoTask } from './accept.ts';
import { once } from './idempotency.ts';
import type { TaskRecord } from '@windlass/resources/tasks';

const answers = { schema: z.object({ task: ApiTask }) };

/** Accepts an operation that answers its task alone, once for each `Idempotency-Key`. */
export function answerTask(
  deps: ServerDeps,
  request: FastifyRequest,
  accept: (also: AlsoTask) => Promise<TaskRecord>,
): Promise<{ task: ApiTask }> {
  return once<{ task: ApiTask }>(deps, request, answers, async (claimFor) => {
    const task = await accept((opened) => claimFor({ task: toApiTask(opened) }));
    return { task: toApiTask(task) };
  });
}
