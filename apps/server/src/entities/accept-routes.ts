import { etagOf } from '../databases/answer.ts';
import { once, type ClaimFor } from '../databases/idempotency.ts';
import { defineRoute, type Route } from '../route.ts';
import { toApiTask } from '../tasks/read-tasks.ts';
import type { AcceptedAnswer, AlsoOpened, EntityKind, KindQueries, KindTypes } from './entity-kind.ts';
import { entityPath } from './entity-path.ts';

/** Create and update: both accept a spec once for each `Idempotency-Key`, and answer the task and the entity as it is now. */
export function acceptRoutes<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route[] {
  return [createOf(kind), updateOf(kind)];
}

function createOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  return defineRoute({
    operationId: `create-${kind.noun}`,
    method: 'POST',
    url: entityPath(kind).base,
    tag: kind.plural,
    needs: 'control',
    summary: `Declare a ${kind.noun}`,
    body: kind.bodies.create,
    response: kind.answers.accepted,
    errors: kind.errors.create,
    handle: async ({ deps, body, request, reply }) => {
      const answer = await once<AcceptedAnswer<T['view']>>(deps, request, async (claimFor) => {
        const { show, also } = showing(kind, await kind.viewer(deps), claimFor);
        return show(await kind.acceptCreate(deps, body, also));
      });
      void reply.header('etag', etagIn(kind, answer));
      return answer;
    },
  });
}

function updateOf<T extends KindTypes, Q extends KindQueries>(kind: EntityKind<T, Q>): Route {
  const { one, path, idOf } = entityPath(kind);
  return defineRoute({
    operationId: `update-${kind.noun}`,
    method: 'POST',
    url: one,
    tag: kind.plural,
    needs: 'control',
    summary: `Replace the spec of a ${kind.noun}`,
    path,
    query: kind.queries.update,
    body: kind.bodies.update,
    response: kind.answers.accepted,
    errors: ['not_found', 'revision_conflict', ...kind.errors.update],
    handle: async ({ deps, params, query, body, request, reply }) => {
      const change = { id: idOf(params), body, query, ifMatch: request.headers['if-match'] };
      const answer = await once<AcceptedAnswer<T['view']>>(deps, request, async (claimFor) => {
        const { show, also } = showing(kind, await kind.viewer(deps, change.id), claimFor);
        return show(await kind.acceptUpdate(deps, change, also));
      });
      void reply.header('etag', etagIn(kind, answer));
      return answer;
    },
  });
}

/** What is answered is remembered in the transaction that accepts. */
function showing<T extends KindTypes, Q extends KindQueries>(
  { noun }: EntityKind<T, Q>,
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

function etagIn<T extends KindTypes, Q extends KindQueries>(
  { noun }: EntityKind<T, Q>,
  answer: AcceptedAnswer<T['view']>,
): string {
  const shown = answer[noun];
  return etagOf(shown !== undefined && 'revision' in shown ? shown.revision : undefined);
}
