import { TLSSocket } from 'node:tls';
import type { FastifyInstance, FastifyReply, FastifyRequest } from 'fastify';
import type { AuditEvent } from '@windlass/resources/audit';
import { DomainError } from '@windlass/resources/errors';
import type { ApiTokenRecord, Role } from '@windlass/resources/platform/records';
import type { ManyDeps } from '../unreadable-records.ts';
import { tokenIn, type LoginInUse, type TokensShown } from './api-token.ts';
import { meets, metByMember, type Needs } from './needs.ts';
import { limitAtOnce } from './at-once.ts';
import { inWords, isSameReach, reachOf, type Reach, type Reaches } from './reach.ts';
import { callerOf, nameShown } from './caller.ts';
import { refuseOtherNames, refuseOtherSites } from './foreign-request.ts';
import type { IssuedLogins } from './issued-logins.ts';
import { countByMinute, type Limits } from './limits.ts';
import { isTemporalUi, letItRead } from './temporal-ui.ts';

const REMEDY =
  'send a token (Authorization: Bearer wl_..., or a JWT where the server knows an issuer), show the certificate of an operator or a server of this cluster (curl --cert root.crt ' +
  '--key root.key --cacert ca.crt), or ask on the machine of the server at http://127.0.0.1; docs/operations.md, "Who may call the API"';

declare module 'fastify' {
  interface FastifyContextConfig {
    /** It has `login` confirmed before it changes or answers anything. */
    readonly confirmsLogin?: boolean;
  }
  interface FastifyRequest {
    /** A login that was good a moment ago; absent: it was confirmed before, or there is none. */
    login?: LoginToConfirm;
    /** Of an answer that does not end: whether who asked would be let in now as he was. Absent: nobody was asked for a login. */
    isStillLetIn?: () => Promise<boolean>;
    /** What the login of who asks meets, once the door has found out. */
    may?: Needs;
  }
}

export interface LoginToConfirm extends Pick<LoginInUse, 'expectations' | 'held'> {
  /** Rejects with `login_required` when it is no use any more; with `anew` whatever was heard of it lately. */
  confirm(anew?: 'anew'): Promise<void>;
}

export interface DoorOptions {
  /** Names beside loopback's to which it answers in plain http. */
  readonly publicNames: readonly string[];
  /** Also who asks in plain http, on loopback, needs a login. */
  readonly loginOnLoopback: boolean;
  /** Origins of Temporal's UI: pages that may ask what is for it. */
  readonly temporalUi: readonly string[];
  readonly limits: Limits;
  /** Logins of an issuer, where the server knows one. */
  readonly issued: IssuedLogins | undefined;
}

/** Who asks, in words and for the audit, and what they may. */
interface Caller {
  readonly who: string;
  readonly actor: AuditEvent['who'];
  readonly may: Needs;
  readonly reach: Reach;
}

/**
 * The one place that decides who may call. Before anything else of a request is looked at, of every path: one that says
 * nothing about itself, or is not there, is for administrators. Plain http is on loopback only, see listen.ts.
 */
export async function installDoor(
  app: FastifyInstance,
  deps: ManyDeps,
  tokens: TokensShown,
  options: DoorOptions,
): Promise<void> {
  app.addHook('onClose', () => tokens.close());
  const count = await countByMinute(app, options.limits);
  const begin = limitAtOnce(options.limits);
  const { issued } = options;
  const callerOn = (request: FastifyRequest, isPlain: boolean): Promise<Caller | string> | Caller => {
    const { authorization } = request.headers;
    if (authorization !== undefined) return byToken(tokens, authorization);
    return isPlain && !options.loginOnLoopback ? SOMEBODY_HERE : byCertificate(deps, nameShown(request.raw.socket));
  };
  app.addHook('onRequest', async (request, reply) => {
    const { headers, routeOptions } = request;
    if (isTemporalUi(request, options.temporalUi)) letItRead(request, reply);
    else refuseOtherSites(headers);
    const isPlain = !(request.raw.socket instanceof TLSSocket);
    if (isPlain) refuseOtherNames(headers, options.publicNames);
    else await count('perAddress', request);
    const needed = routeOptions.config.needs ?? 'admin';
    if (needed === 'open') return;
    const jwt = issued?.tokenIn(headers.authorization);
    const isKnown = (authorization: string): boolean => (jwt === undefined ? tokens.isInUse(authorization) : issued?.isInUse(jwt) === true); // prettier-ignore
    const isStrange = !isPlain && headers.authorization !== undefined && !isKnown(headers.authorization);
    if (isStrange) await count('refusedLogins', request, 'look');
    const byIssuer = issued && jwt !== undefined ? await byJwt(issued, jwt) : undefined; // who waits for the issuer takes nobody's place
    begin(request, reply);
    const known =
      byIssuer === undefined && routeOptions.config.confirmsLogin === true
        ? beforehand(tokens, request, reply)
        : undefined;
    const caller = byIssuer ?? known ?? (await callerOn(request, isPlain));
    if (typeof caller === 'string') {
      if (isStrange) await count('refusedLogins', request);
      throw loginRequired(reply, caller);
    }
    request.actor = caller.actor;
    request.reach = caller.reach;
    request.may = caller.may;
    const refusal = whyNot(caller, needed, routeOptions.config.reaches ?? 'everything');
    if (refusal !== undefined) {
      await request.login?.confirm();
      throw new DomainError('not_permitted', `${caller.who} ${refusal}: ${REMEDY}`);
    }
    if (caller === SOMEBODY_HERE) return;
    await count('perLogin', request);
    if (routeOptions.config.endless !== true) return;
    request.isStillLetIn = async () => {
      const now = issued && jwt !== undefined ? await byJwt(issued, jwt) : await callerOn(request, isPlain);
      return typeof now !== 'string' && now.may === caller.may && isSameReach(now.reach, caller.reach);
    };
  });
}

/** What a login lacks. */
function whyNot({ may, reach }: Caller, needed: Needs, reaches: Reaches): string | undefined {
  if (!meets(may, needed)) return `does not open this, which is for ${needed}s`;
  if (reach !== 'all' && reach.size === 0 && reaches !== 'nothing') return 'is for no tenant';
  if (reach === 'all' || reaches !== 'everything') return undefined;
  return `is for ${inWords(reach)} alone and does not open this, which takes a login for all tenants`;
}

const SOMEBODY_HERE: Caller = {
  ...{ who: 'a program on this machine', actor: { kind: 'loopback' } as const },
  ...{ may: 'admin' as const, reach: 'all' as const },
};

function loginRequired(reply: FastifyReply, why: string): DomainError {
  void reply.header('www-authenticate', 'Bearer realm="windlass"');
  return new DomainError('login_required', `${why}: ${REMEDY}`);
}

/**
 * Who shows a token of which the store said within a second that it is good is let in on that, and so is a read of any that was good once: it is asked
 * about meanwhile, and nothing is answered before. What changes something expects in its transaction that the token is there: none is
 * changed for one that was revoked.
 */
function beforehand(tokens: TokensShown, request: FastifyRequest, reply: FastifyReply): Caller | undefined {
  const login = tokens.inUse(tokenIn(request.headers.authorization ?? '') ?? '');
  if (login === undefined || !(login.isFresh || request.method === 'GET')) return undefined;
  const looked = login.isFresh ? Promise.resolve(true) : login.look();
  looked.catch(() => undefined); // whoever waits for it is told
  request.login = {
    get expectations() {
      return login.expectations;
    },
    held: () => login.held(),
    confirm: async (anew) => {
      if (!(await (anew ? login.look() : looked))) throw loginRequired(reply, NO_USE);
    },
  };
  return toCaller(login.record);
}

/** Or, in words, why they are nobody. A login that is no use is refused wherever it is shown. */
async function byToken(tokens: TokensShown, authorization: string): Promise<Caller | string> {
  const token = tokenIn(authorization);
  if (token === undefined) return 'the header Authorization holds no bearer token';
  const owner = await tokens.ownerOf(token);
  return owner === undefined ? NO_USE : toCaller(owner);
}

const NO_USE = 'the token is not known here, was revoked, or has expired';

const anOwnerOf = (role: Role): string => (role === 'viewer' ? 'a viewer' : `an ${role}`);

function toCaller({ id, name, role, tenants }: ApiTokenRecord): Caller {
  const who = `the token '${name}', of ${anOwnerOf(role)},`;
  return { who, actor: { kind: 'token', id, name, role }, may: role, reach: reachOf(tenants) };
}

async function byJwt(issued: IssuedLogins, jwt: string): Promise<Caller | string> {
  const owner = await issued.ownerOf(jwt);
  if (typeof owner === 'string') return owner;
  const { subject, name, role, reach } = owner;
  const actor = {
    kind: 'oidc' as const,
    id: subject.slice(0, 255),
    ...(name !== undefined && { name: name.slice(0, 100) }),
  };
  const who = `the login '${(name ?? subject).slice(0, 100)}' of the issuer, `;
  if (role === undefined) return { who: `${who}to whom it gives no role,`, actor, may: 'open', reach };
  return { who: `${who}of ${anOwnerOf(role)},`, actor: { ...actor, role }, may: role, reach };
}

async function byCertificate(deps: ManyDeps, name: string): Promise<Caller | string> {
  if (name === '') return 'nobody may ask this without a login';
  const member = await callerOf(deps, name);
  if (member === 'operator')
    return { who: 'the certificate of an operator', actor: { kind: 'operator' }, may: 'admin', reach: 'all' };
  if (member) {
    const { id, role } = member;
    return {
      who: `the certificate of ${role} '${id}'`,
      actor: { kind: role, id },
      may: metByMember(member),
      reach: 'all',
    };
  }
  return `the certificate of '${name.slice(0, 64)}' belongs to no host, server or operator of this cluster`;
}
