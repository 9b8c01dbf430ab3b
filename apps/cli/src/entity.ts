import type { Kind, Operation } from '@windlass/client';
import { CommandError, EXIT, usageError } from './exit.ts';
import { isObject, type JsonObject } from '@windlass/client/json';
import type { Session } from './session.ts';

/** Asks before something is done that cannot be undone; without an answer nothing is. */
export async function sure({ terminal }: Session, yes: boolean | undefined, question: string): Promise<void> {
  if (yes === true || (await terminal.confirm(question))) return;
  throw new CommandError(EXIT.usage, 'nothing was done: say yes, or give --yes');
}

export async function callOn(
  session: Session,
  operation: Operation,
  ids: readonly string[],
  { force, body, ifMatch }: { force?: boolean | undefined; body?: unknown; ifMatch?: string | undefined } = {},
): Promise<unknown> {
  const { pathOf } = await import('@windlass/client');
  const client = await session.client();
  const query = force === true ? { query: { force: 'true' } } : {};
  return client.request(operation.method, pathOf(operation, ...ids), {
    ...query,
    ...(body !== undefined && { body }),
    ...(ifMatch !== undefined && { ifMatch }),
  });
}

export async function readEntity(session: Session, kind: Kind, id: string): Promise<JsonObject> {
  const answer = await callOn(session, kind.get, [id]);
  if (isObject(answer)) return answer;
  throw new CommandError(EXIT.failed, `the server answered something that is no ${kind.noun}`);
}

/** What of it was declared. */
export function declarationOf(kind: Kind, { id, tenant_id, spec }: JsonObject): JsonObject {
  if (spec === undefined) throw missing(kind, 'declared');
  return { kind: kind.noun, id, ...(tenant_id !== undefined && { tenant_id }), spec };
}

export function missing(kind: Kind, what: string): never {
  throw usageError(`a ${kind.noun} cannot be ${what}`);
}
