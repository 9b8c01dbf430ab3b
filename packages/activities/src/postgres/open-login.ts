import { DomainError } from '@windlass/resources/errors';
import { scopeOf } from '@windlass/resources/postgres/inside';
import { openLogin as open, type LoginWish } from '@windlass/resources/postgres/operations';
import { withHeartbeat } from '../core/current-run.ts';
import type { ActivityDeps } from '../core/deps.ts';
import { ROLES, specOf } from './stored-specs.ts';

/** A login for a person on the node whose primary is here, sealed: whatever an activity answers is kept by Temporal. */
export function openLogin({ kv, clients }: ActivityDeps) {
  return async function openLogin(input: {
    readonly databaseId: string;
    readonly nodeName: string;
    readonly wish: LoginWish;
  }): Promise<{ readonly sealed: unknown }> {
    const { databaseId, nodeName, wish } = input;
    const roles = await specOf(kv, databaseId, ROLES, nodeName);
    if (!roles) throw new DomainError('operation_refused', `the users of node '${nodeName}' were not made yet`);
    const { databaseName, opensLater = false } = roles;
    const place = { scope: scopeOf(databaseId, nodeName), nodeName, databaseName, opensLater };
    const login = await withHeartbeat(({ signal }) => open(clients, place, wish, signal));
    return { sealed: await clients.secrets.seal(`database/${databaseId}/login/${wish.name}`, JSON.stringify(login)) };
  };
}
