import type { FastifyInstance } from 'fastify';

/** The longest body that is read. */
export const BODY_LIMIT_BYTES = 1024 * 1024;
/** Within this a request has arrived whole, or its connection is closed (408). */
export const REQUEST_WITHIN_MS = 30_000;

/** Bodies are JSON, said or unsaid; an empty one is none at all, whatever its content type says. Anything else is 415. */
export function installBodies(app: FastifyInstance): void {
  app.removeAllContentTypeParsers();
  const parse = app.getDefaultJsonParser('error', 'error');
  app.addContentTypeParser('application/json', { parseAs: 'string' }, (request, text: string, done) => {
    if (text.trim() === '') done(null, undefined);
    else void parse(request, text, done);
  });
  app.addHook('onRequest', (request, _reply, done) => {
    if ((request.raw.headers['content-type'] ?? '') === '') request.raw.headers['content-type'] = 'application/json';
    done();
  });
}
