import { RotateUserRequest, RotateUserResponse } from '@windlass/resources/postgres/spec';
import { CHANGE_ERRORS } from '../../core/route-errors.ts';
import { defineRoute } from '../../core/route.ts';
import { oneDatabase } from '../one-database.ts';
import { toApiTask } from '../../core/tasks/read-tasks.ts';
import { optionalBody } from '../../core/wire-body.ts';
import { acceptRotation } from '../accept-rotation.ts';

/** POST /v1/databases/:database_id/users/:username:rotate. Its answer has a password: nothing remembers it for an `Idempotency-Key`. */
export const rotateUser = defineRoute({
  operationId: 'rotate-user',
  method: 'POST',
  url: '/v1/databases/:database_id/users/:username(^[^:]+)::rotate',
  tag: 'databases',
  needs: 'admin',
  reaches: oneDatabase,
  summary: 'Another password for a user; the one of now stays good for a while',
  errors: [...CHANGE_ERRORS, 'operation_refused'],
  body: optionalBody(RotateUserRequest),
  response: RotateUserResponse,
  handle: async ({ deps, params, body }) => {
    const wish = { ...body, id: params.database_id, username: params.username };
    const { task, ...login } = await acceptRotation(deps, wish);
    return { task: toApiTask(task), ...login };
  },
});
