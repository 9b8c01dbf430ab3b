import { randomBytes } from 'node:crypto';
import type { FastifyError, FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import { domainErrorOf, ERRORS } from '@windlass/resources/errors';
import { WireError } from '../wire-input.ts';

/** Every error answer is problem+json (RFC 9457) and carries `name` and `message`, on which clients of the contract rely. */
export function installProblems(app: FastifyInstance): void {
  app.setErrorHandler((err: FastifyError, request, reply) => answer(err, request, reply));
  app.setNotFoundHandler((request, reply) => {
    send(reply, request, 404, { name: 'fault', message: '404 page not found', ...schemaFields(true) });
  });
}

function answer(err: FastifyError | Error, request: FastifyRequest, reply: FastifyReply): void {
  const domain = domainErrorOf(err);
  if (domain) {
    void reply.header('goa-error', domain.code);
    if (ERRORS[domain.code].status >= 500) request.log.warn({ err }, 'request failed');
    send(reply, request, ERRORS[domain.code].status, { name: domain.code, message: domain.message });
    return;
  }
  if (err instanceof WireError) {
    send(reply, request, 400, { name: err.wireName, message: err.message, ...schemaFields(false) });
    return;
  }
  const { statusCode = 500, code } = err as FastifyError;
  if (statusCode < 500) {
    send(reply, request, statusCode, {
      name: NAMES[code] ?? 'decode_payload',
      message: firstLine(err.message),
      ...schemaFields(false),
    });
    return;
  }
  request.log.error({ err }, 'unexpected error');
  void reply.header('goa-error', 'server_error');
  send(reply, request, 500, {
    name: 'server_error',
    message: `internal error; the server's log has it under request ${request.id}`,
  });
}

const NAMES: Readonly<Record<string, string>> = {
  FST_ERR_CTP_INVALID_MEDIA_TYPE: 'unsupported_media_type',
  FST_ERR_CTP_EMPTY_JSON_BODY: 'missing_payload',
  FST_ERR_CTP_BODY_TOO_LARGE: 'payload_too_large',
};

const schemaFields = (fault: boolean) => ({
  id: randomBytes(6).toString('base64url'),
  temporary: false,
  timeout: false,
  fault,
});

const firstLine = (text: string): string => (text.split('\n')[0] ?? '').slice(0, 500);

function send(
  reply: FastifyReply,
  request: FastifyRequest,
  status: number,
  body: { name: string; message: string },
): void {
  const problem = {
    type: `/docs/errors#${body.name}`,
    title: body.name.replaceAll('_', ' '),
    status,
    detail: body.message,
    instance: request.url.split('?')[0],
  };
  void reply
    .code(status)
    .type('application/problem+json')
    .send(`${JSON.stringify({ ...problem, ...body })}\n`);
}
