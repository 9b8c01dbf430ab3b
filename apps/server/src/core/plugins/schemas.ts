import type { FastifyInstance } from 'fastify';
import { DomainError } from '@windlass/resources/errors';
import { declarationSchemas } from '../schemas.ts';

/**
 * `GET /v1/schemas/{kind}.json`: the JSON Schema of a declaration. Open, because an editor that is told its address has no login, and it
 * says what anybody reads in the documentation.
 */
export function installSchemas(app: FastifyInstance): void {
  let made: ReturnType<typeof declarationSchemas> | undefined;
  app.get<{ Params: { file: string } }>(
    '/v1/schemas/:file',
    { schema: { hide: true, operationId: 'get-schema' }, config: { needs: 'open', reaches: 'nothing' } },
    ({ params: { file } }, reply) => {
      made ??= declarationSchemas(app.swagger());
      const found = made.get(file.replace(/\.json$/, ''));
      const there = [...made.keys()].map((kind) => `${kind}.json`).join(', ');
      if (!found) throw new DomainError('not_found', `there is no schema '${file.slice(0, 64)}': there is ${there}`);
      return reply.type('application/schema+json').send(found);
    },
  );
}
