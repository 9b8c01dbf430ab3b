import { etagOf } from './entity-tag.ts';
import { once, type Answers, type ClaimFor } from './idempotency.ts';
import { z } from 'zod';
import { defineRoute, type Route } from '../core/route.ts';
import { toApiTask } from '../core/tasks/read-tasks.ts';
import type { AcceptedAnswer, AlsoOpened, EntityEdge, EntityQueries, EntityTypes } from './entity-edge.ts';
import { entityPath } from './entity-path.ts';
import { changeOf, newOf } from './own-tenant.ts';

/** Create and update: both accept a spec once for each `Idempotency-Key`, and answer the task and the entity as it is now. */
export function acceptRoutes<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route[] {
  return [createOf(edge), updateOf(edge)];
}

function createOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { base, many } = entityPath(edge);
  return defineRoute({
    ...many,
    needs: 'admin',
    operationId: `create-${edge.noun}`,
    method: 'POST',
    url: base,
    summary: `Declare a ${edge.noun}`,
    body: edge.bodies.create,
    response: edge.answers.accepted,
    errors: edge.errors.create,
    handle: async ({ deps, body, reach, request, reply }) => {
      const wanted = await newOf(deps, edge.tenants, reach, body);
      const answer = await once(deps, request, answersOf(edge), async (claimFor) => {
        const { show, also } = showing(edge, await edge.viewer(deps), claimFor);
        return show(await edge.acceptCreate(deps, wanted, also));
      });
      void reply.header('etag', etagIn(edge, answer));
      return answer;
    },
  });
}

function updateOf<T extends EntityTypes, Q extends EntityQueries>(edge: EntityEdge<T, Q>): Route {
  const { one, path, idOf, same } = entityPath(edge);
  return defineRoute({
    ...same,
    needs: 'admin',
    operationId: `update-${edge.noun}`,
    method: 'POST',
    url: one,
    summary: `Replace the spec of a ${edge.noun}`,
    path,
    query: edge.queries.update,
    body: edge.bodies.update,
    response: edge.answers.accepted,
    errors: ['not_found', 'revision_conflict', ...edge.errors.update],
    handle: async ({ deps, params, query, body: given, reach, request, reply }) => {
      const id = idOf(params);
      const body = await changeOf(deps, edge.tenants, reach, given, id);
      const change = { id, body, query, ifMatch: request.headers['if-match'] };
      const answer = await once(deps, request, answersOf(edge), async (claimFor) => {
        const { show, also } = showing(edge, await edge.viewer(deps, change.id), claimFor);
        return show(await edge.acceptUpdate(deps, change, also));
      });
      void reply.header('etag', etagIn(edge, answer));
      return answer;
    },
  });
}

/** What is answered is remembered in the transaction that accepts. */
function showing<T extends EntityTypes, Q extends EntityQueries>(
  { noun }: EntityEdge<T, Q>,
  view: (accepted: T['accepted']) => T['view'],
  claimFor: ClaimFor<AcceptedAnswer<T['view']>>,
) {
  const show = (accepted: T['accepted']): AcceptedAnswer<T['view']> => ({
    task: toApiTask(accepted.task),
    [noun]: view(accepted),
  });
  const also: AlsoOpened<T['accepted']> = (accepted) => claimFor(show(accepted));
  return { show, also };
}

function etagIn<T extends EntityTypes, Q extends EntityQueries>(
  { noun }: EntityEdge<T, Q>,
  answer: AcceptedAnswer<T['view']>,
): string {
  const shown = answer[noun];
  return etagOf(shown !== undefined && 'revision' in shown ? shown.revision : undefined);
}

const withTask = z.looseObject({ task: z.looseObject({ task_id: z.string() }) });

/** What a server answered before, and how the revision of the spec, known only once it was accepted, gets into it. */
const answersOf = <T extends EntityTypes, Q extends EntityQueries>({
  noun,
}: EntityEdge<T, Q>): Answers<AcceptedAnswer<T['view']>> => ({
  schema: z.custom<AcceptedAnswer<T['view']>>((value) => withTask.safeParse(value).success),
  at: (answer, revision) => ({ ...answer, [noun]: { ...answer[noun], revision: String(revision) } }),
});
