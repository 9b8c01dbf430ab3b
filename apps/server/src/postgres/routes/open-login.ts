import { OpenLoginRequest, OpenLoginResponse } from '@windlass/resources/postgres/spec';
import { meets } from '../../core/door/needs.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { ASK_HOSTS_ERRORS } from '../../core/route-errors.ts';
import { optionalBody } from '../../core/wire-body.ts';
import { openLogin as open } from '../open-login.ts';

/** POST /v1/databases/:database_id/logins. A viewer sees how a database is, and not what is in it. */
export const openLogin = defineRoute({
  operationId: 'open-login',
  method: 'POST',
  url: '/v1/databases/:database_id/logins',
  tag: 'databases',
  needs: 'operator',
  reaches: oneDatabase,
  summary: 'A login to Postgres for a person, for an hour at most; its password is shown this once',
  errors: [
    ...(['not_found', 'invalid_input', 'operation_refused', ...ASK_HOSTS_ERRORS] as const),
    ...(['no_primary', 'primary_moved', 'postgres_unavailable', 'postgres_rejected', 'docker_unavailable'] as const),
  ],
  body: optionalBody(OpenLoginRequest),
  response: OpenLoginResponse,
  handle: ({ deps, params, body, request }) =>
    open(deps, { ...body, id: params.database_id, isAdmin: meets(request.may ?? 'open', 'admin') }),
});
