import type { FastifyRequest } from 'fastify';
import { domainErrorOf, ERRORS } from '@windlass/resources/errors';
import type { ServerDeps } from '../deps.ts';
import type { Route } from '../route.ts';
import { WireError } from '../wire-error.ts';
import { factsOf } from './facts.ts';
import type { ServerAudit } from './server-audit.ts';

/** Everything that is no GET; a GET that changes something is told by what it writes. */
const mayChange = ({ method, unaudited }: Route): boolean => method !== 'GET' && unaudited !== true;

/**
 * Answers a request and has it written down: what it changed with the change itself, what it did without one before anybody hears of it.
 * When that cannot be stored the request is refused instead.
 */
export async function auditedAnswer(
  audits: ServerAudit,
  route: Route,
  request: FastifyRequest,
  answer: (deps: ServerDeps) => Promise<unknown>,
): Promise<unknown> {
  const { audit, deps } = audits.begin(route, request);
  let given: unknown;
  try {
    given = await answer(deps);
    await request.login?.confirm();
  } catch (err) {
    await request.login?.confirm(); // nor is anybody told why it failed
    if (audit.hasChanged || mayChange(route)) await refused(audits, audit, request, err);
    throw err;
  }
  if (audit.hasChanged || mayChange(route)) await audit.answered({ status: route.response === undefined ? 204 : 200 });
  return given;
}

/** What strangers are refused is summed up, as at the door. */
async function refused(
  audits: ServerAudit,
  audit: ReturnType<ServerAudit['begin']>['audit'],
  request: FastifyRequest,
  err: unknown,
): Promise<void> {
  const answer = answerTo(err);
  const isStranger = request.actor === undefined && !audit.hasChanged;
  if (answer.status === 401 || answer.status === 403) return; // counted where every such answer is
  if (isStranger) audits.refuse({ ...factsOf(request), answer });
  else await audit.refused(answer);
}

/** As plugins/problem.ts answers it. */
function answerTo(err: unknown): { readonly status: number; readonly error: string } {
  const domain = domainErrorOf(err);
  if (domain) return { status: ERRORS[domain.code].status, error: domain.code };
  return err instanceof WireError ? { status: 400, error: err.wireName } : { status: 500, error: 'server_error' };
}
