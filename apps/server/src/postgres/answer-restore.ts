import type { FastifyRequest } from 'fastify';
import type { ApiTask } from '@windlass/resources/api';
import type { ServerDeps } from '../core/deps.ts';
import { toApiTask } from '../core/tasks/read-tasks.ts';
import type { AcceptedRestore, AlsoRestore } from './accept-restore.ts';
import { answerOnce, toAnswer, type AcceptedAnswer } from './answer.ts';
import { readInstances } from './view.ts';

type RestoreAnswer = AcceptedAnswer & { readonly node_tasks: ApiTask[] };

/** Accepts a restore once for each `Idempotency-Key`, and answers its tasks and the database. */
export async function answerRestore(
  deps: ServerDeps,
  request: FastifyRequest,
  id: string,
  accept: (also: AlsoRestore) => Promise<AcceptedRestore>,
): Promise<RestoreAnswer> {
  const statuses = await readInstances(deps.kv, id);
  const show = (accepted: AcceptedRestore): RestoreAnswer => ({
    ...toAnswer(accepted, statuses, deps.now()),
    node_tasks: accepted.parts.map(toApiTask),
  });
  return answerOnce<RestoreAnswer>(deps, request, async (claimFor) =>
    show(await accept((accepted) => claimFor(show(accepted)))),
  );
}
