import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditEvent } from '@windlass/resources/audit';
import { DomainError } from '@windlass/resources/errors';
import type { ApiTokenRecord } from '@windlass/resources/platform/records';
import type { ManyDeps } from '../unreadable-records.ts';
import { tokenIn, TokensShown, type TokenDeps } from './api-token.ts';
import { meets, metByMember, type Needs } from './needs.ts';
import { limitAtOnce } from './at-once.ts';
import { callerOf, nameShown } from './caller.ts';
import { refuseOtherNames, refuseOtherSites } from './foreign-request.ts';
import { countByMinute, type Limits } from './limits.ts';

const REMEDY =
  'send a token (Authorization: Bearer wl_...), show the certificate of an operator or a server of this cluster (curl --cert root.crt ' +
  '--key root.key --cacert ca.crt), or ask on the machine of the server at http://127.0.0.1; docs/operations.md, "Who may call the API"';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It reads, and waits for `confirmLogin` before it changes or answers anything. */
    readonly confirmsLogin?: boolean;
  }
  interface FastifyRequest {
    /** Rejects when the login turns out to be no use any more; absent: it was confirmed before. */
    confirmLogin?: () => Promise<void>;
    /** What the login of who asks meets, once the door has found out. */
    may?: Needs;
  }
}

export interface DoorOptions {
  /** Names beside loopback's to which it answers in plain http. */
  readonly publicNames: readonly string[];
  /** Also who asks in plain http, on loopback, needs a login. */
  readonly loginOnLoopback: boolean;
  readonly limits: Limits;
}

/** Who asks, in words and for the audit, and what they may. */
interface Caller {
  readonly who: string;
  readonly actor: AuditEvent['who'];
  readonly may: Needs;
}

/**
 * The one place that decides who may call. Before anything else of a request is looked at, of every path: one that says
 * nothing about itself, or is not there, is for administrators. Plain http is on loopback only, see listen.ts.
 */
export async function installDoor(
  app: FastifyInstance,
  deps: ManyDeps & TokenDeps,
  options: DoorOptions,
): Promise<void> {
  const tokens = new TokensShown(deps);
  const count = await countByMinute(app, options.limits);
  const begin = limitAtOnce(options.limits);
  const callerOn = (request: FastifyRequest, isPlain: boolean): Promise<Caller | string> | Caller => {
    const { authorization } = request.headers;
    if (authorization !== undefined) return byToken(tokens, authorization);
    return isPlain && !options.loginOnLoopback ? SOMEBODY_HERE : byCertificate(deps, nameShown(request.raw.socket));
  };
  app.addHook('onRequest', async (request, reply) => {
    const { headers, routeOptions } = request;
    refuseOtherSites(headers);
    const isPlain = !(request.raw.socket instanceof TLSSocket);
    if (isPlain) refuseOtherNames(headers, options.publicNames);
    else await count('perAddress', request);
    const needed = routeOptions.config.needs ?? 'admin';
    if (needed === 'open') return;
    begin(request, reply);
    const isStrange = !isPlain && headers.authorization !== undefined && !tokens.isInUse(headers.authorization);
    if (isStrange) await count('refusedLogins', request, 'look');
    const known = routeOptions.config.confirmsLogin === true ? beforehand(tokens, request, reply) : undefined;
    const caller = known ?? (await callerOn(request, isPlain));
    if (typeof caller === 'string') {
      if (isStrange) await count('refusedLogins', request);
      throw loginRequired(reply, caller);
    }
    request.actor = caller.actor;
    request.may = caller.may;
    if (!meets(caller.may, needed)) {
      await request.confirmLogin?.();
      throw new DomainError('not_permitted', `${caller.who} does not open this, which is for ${needed}s: ${REMEDY}`);
    }
    if (caller !== SOMEBODY_HERE) await count('perLogin', request);
  });
}

const SOMEBODY_HERE: Caller = { who: 'a program on this machine', actor: { kind: 'loopback' }, may: 'admin' };

function loginRequired(reply: FastifyReply, why: string): DomainError {
  void reply.header('www-authenticate', 'Bearer realm="windlass"');
  return new DomainError('login_required', `${why}: ${REMEDY}`);
}

/**
 * Who shows a token that was good a moment ago may have something read for him while the store is asked whether it still is. Nothing is
 * changed and nothing answered before `confirmLogin` has said so: a revoked token is no use from the answer of its revocation on.
 */
function beforehand(tokens: TokensShown, request: FastifyRequest, reply: FastifyReply): Caller | undefined {
  const token = tokenIn(request.headers.authorization ?? '');
  const owner = token === undefined ? undefined : tokens.formerOwnerOf(token);
  if (token === undefined || owner === undefined) return undefined;
  const confirmed = tokens.ownerOf(token).then((now) => {
    if (now?.role !== owner.role) throw loginRequired(reply, NO_USE);
  });
  confirmed.catch(() => undefined); // whoever waits for it is told
  request.confirmLogin = () => confirmed;
  return toCaller(owner);
}

/** Or, in words, why they are nobody. A login that is no use is refused wherever it is shown. */
async function byToken(tokens: TokensShown, authorization: string): Promise<Caller | string> {
  const token = tokenIn(authorization);
  if (token === undefined) return 'the header Authorization holds no bearer token';
  const owner = await tokens.ownerOf(token);
  return owner === undefined ? NO_USE : toCaller(owner);
}

const NO_USE = 'the token is not known here, was revoked, or has expired';

function toCaller({ id, name, role }: ApiTokenRecord): Caller {
  return { who: `the token '${name}', of a ${role},`, actor: { kind: 'token', id, name, role }, may: role };
}

async function byCertificate(deps: ManyDeps, name: string): Promise<Caller | string> {
  if (name === '') return 'nobody may ask this without a login';
  const member = await callerOf(deps, name);
  if (member === 'operator')
    return { who: 'the certificate of an operator', actor: { kind: 'operator' }, may: 'admin' };
  if (member) {
    const { id, role } = member;
    return {
      who: `the certificate of ${role} '${id}'`,
      actor: { kind: role, id },
      may: metByMember(member),
    };
  }
  return `the certificate of '${name.slice(0, 64)}' belongs to no host, server or operator of this cluster`;
}
