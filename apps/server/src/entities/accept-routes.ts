import { etagOf } from './entity-tag.ts';
import { once, type Answers, type ClaimFor } from './idempotency.ts';
import { z } from 'zod';
import { defineRoute, type Route } from '../core/route.ts';
import { toApiTask } from '../core/tasks/read-tasks.ts';
import type { AcceptedAnswer, AlsoOpened, EntityDefinition, EntityQueries, EntityTypes } from './entity-definition.ts';
import { entityPath } from './entity-path.ts';

/** Create and update: both accept a spec once for each `Idempotency-Key`, and answer the task and the entity as it is now. */
export function acceptRoutes<T extends EntityTypes, Q extends EntityQueries>(
  definition: EntityDefinition<T, Q>,
): Route[] {
  return [createOf(definition), updateOf(definition)];
}

function createOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  return defineRoute({
    operationId: `create-${definition.noun}`,
    method: 'POST',
    url: entityPath(definition).base,
    tag: definition.plural,
    needs: 'control',
    summary: `Declare a ${definition.noun}`,
    body: definition.bodies.create,
    response: definition.answers.accepted,
    errors: definition.errors.create,
    handle: async ({ deps, body, request, reply }) => {
      const answer = await once(deps, request, answersOf(definition), async (claimFor) => {
        const { show, also } = showing(definition, await definition.viewer(deps), claimFor);
        return show(await definition.acceptCreate(deps, body, also));
      });
      void reply.header('etag', etagIn(definition, answer));
      return answer;
    },
  });
}

function updateOf<T extends EntityTypes, Q extends EntityQueries>(definition: EntityDefinition<T, Q>): Route {
  const { one, path, idOf } = entityPath(definition);
  return defineRoute({
    operationId: `update-${definition.noun}`,
    method: 'POST',
    url: one,
    tag: definition.plural,
    needs: 'control',
    summary: `Replace the spec of a ${definition.noun}`,
    path,
    query: definition.queries.update,
    body: definition.bodies.update,
    response: definition.answers.accepted,
    errors: ['not_found', 'revision_conflict', ...definition.errors.update],
    handle: async ({ deps, params, query, body, request, reply }) => {
      const change = { id: idOf(params), body, query, ifMatch: request.headers['if-match'] };
      const answer = await once(deps, request, answersOf(definition), async (claimFor) => {
        const { show, also } = showing(definition, await definition.viewer(deps, change.id), claimFor);
        return show(await definition.acceptUpdate(deps, change, also));
      });
      void reply.header('etag', etagIn(definition, answer));
      return answer;
    },
  });
}

/** What is answered is remembered in the transaction that accepts. */
function showing<T extends EntityTypes, Q extends EntityQueries>(
  { noun }: EntityDefinition<T, Q>,
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
  { noun }: EntityDefinition<T, Q>,
  answer: AcceptedAnswer<T['view']>,
): string {
  const shown = answer[noun];
  return etagOf(shown !== undefined && 'revision' in shown ? shown.revision : undefined);
}

const withTask = z.looseObject({ task: z.looseObject({ task_id: z.string() }) });

/** What a server answered before, and how the revision of the spec, known only once it was accepted, gets into it. */
const answersOf = <T extends EntityTypes, Q extends EntityQueries>({
  noun,
}: EntityDefinition<T, Q>): Answers<AcceptedAnswer<T['view']>> => ({
  schema: z.custom<AcceptedAnswer<T['view']>>((value) => withTask.safeParse(value).success),
  at: (answer, revision) => ({ ...answer, [noun]: { ...answer[noun], revision: String(revision) } }),
});
