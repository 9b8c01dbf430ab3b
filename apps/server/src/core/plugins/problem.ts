import { randomBytes } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { domainErrorOf, ERRORS, type DomainError } from '@windlass/resources/errors';
import { TooMuch } from '../too-much.ts';
import { WireError } from '../wire-error.ts';
import { BODY_LIMIT_BYTES } from './bodies.ts';

interface Named {
  readonly name: string;
  readonly message: string;
}

/**
 * Every error answer is problem+json (RFC 9457) and carries `name` and `message`, on which clients of the contract rely.
 * `methodsOf` tells a path that exists under another method (405) from one that does not (404).
 */
export function installProblems(app: FastifyInstance, methodsOf: (path: string) => string[]): void {
  app.setErrorHandler((err: FastifyError, request, reply) => answerError(err, request, reply));
  app.setNotFoundHandler((request, reply) => {
    const allowed = methodsOf(request.url.split('?')[0] ?? '');
    if (allowed.length === 0) {
      send(reply, request, 404, { name: 'fault', message: '404 page not found', ...schemaFields(true) });
      return;
    }
    void reply.header('allow', allowed.join(', '));
    const message = `this path knows ${allowed.join(', ')}, not ${request.method}`;
    send(reply, request, 405, { name: 'method_not_allowed', message, ...schemaFields(false) });
  });
}

/** Answers whatever was thrown, also what the framework throws before a route is found. */
export function answerError(err: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const domain = domainErrorOf(err);
  if (domain) answerDomainError(domain, request, reply);
  else if (err instanceof WireError)
    send(reply, request, 400, { name: err.wireName, message: err.message, ...schemaFields(false) });
  else if (((err as FastifyError).statusCode ?? 500) < 500) answerFrameworkError(err as FastifyError, request, reply);
  else answerUnknownError(err, request, reply);
}

function answerDomainError(err: DomainError, request: FastifyRequest, reply: FastifyReply): void {
  const { status } = ERRORS[err.code];
  if (status >= 500) request.log.warn({ err }, 'request failed');
  void reply.header('goa-error', err.code);
  if (err instanceof TooMuch) void reply.header('retry-after', String(err.retryAfterSeconds));
  send(reply, request, status, { name: err.code, message: err.message });
}

function answerFrameworkError(err: FastifyError, request: FastifyRequest, reply: FastifyReply): void {
  const message = err.code === 'FST_ERR_CTP_BODY_TOO_LARGE' ? TOO_LARGE : firstLine(err.message);
  const named = { name: NAMES[err.code] ?? 'decode_payload', message };
  send(reply, request, err.statusCode ?? 400, { ...named, ...schemaFields(false) });
}

function answerUnknownError(err: Error, request: FastifyRequest, reply: FastifyReply): void {
  request.log.error({ err }, 'unexpected error');
  void reply.header('goa-error', 'server_error');
  const message = `internal error; the server's log has it under request ${request.id}`;
  send(reply, request, 500, { name: 'server_error', message });
}

const TOO_LARGE = `the body is longer than ${String(BODY_LIMIT_BYTES)} bytes`;

const NAMES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
  FST_ERR_BAD_URL: 'invalid_url',
  FST_ERR_MAX_PARAM_LENGTH: 'invalid_length',
};

const schemaFields = (fault: boolean) => ({
  id: randomBytes(6).toString('base64url'),
  temporary: false,
  timeout: false,
  fault,
});

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 500);

/** The body of an error answer. */
export function problemOf(status: number, named: Named, instance?: string): Record<string, unknown> {
  const { name, message } = named;
  const title = name.replaceAll('_', ' ');
  return {
    type: `/docs/errors#${name}`,
    title,
    status,
    detail: message,
    ...(instance !== undefined && { instance }),
    ...named,
  };
}

function send(reply: FastifyReply, request: FastifyRequest, status: number, named: Named): void {
  const problem = problemOf(status, named, request.url.split('?')[0]?.slice(0, 500));
  void reply
    .code(status)
    .type('application/problem+json')
    .send(`${JSON.stringify(problem)}\n`);
}
